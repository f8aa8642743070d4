//! Risk: the class of each step.
