//! Views.

use realign_model::{Expr, ObjectName, View};

use super::{Done, Misfit, Origins, Run, Sort};
use crate::parse::{CreateView, Dropped};

impl Run<'_> {
    pub(super) fn find_view(&self, name: &ObjectName) -> Option<usize> {
        let views = self.database.views.iter();
        self.find(Sort::View, name, views.map(|view| &view.name))
    }

    pub(super) fn create_view(&mut self, create: CreateView, origins: &Origins<'_>) -> Done {
        let name = self.session.resolve(create.name);
        if self.find_table(&name).is_some() {
            return Err(Misfit::new(format!(
                "{name} is there already, and is a table"
            )));
        }
        let present = self.find_view(&name);
        match present {
            Some(_) if create.if_not_exists => return Ok(()),
            Some(_) if !create.or_replace => {
                return Err(Misfit::new(format!("view {name} is there already")));
            }
            None if create.alters => return Err(Misfit::new(format!("there is no view {name}"))),
            _ => {}
        }
        let mut options = create.options;
        if let Some(option) = create.check_option {
            options.push(format!("WITH {option} CHECK OPTION"));
        }
        let view = View {
            name,
            query: Expr::new(create.query),
            columns: create.columns,
            materialized: false,
            options,
            source_text: None,
            settings: self.session.kept_of_view(),
            origin: self.origin(origins, 0),
        };
        if let Some(at) = present {
            self.database.views[at] = view;
        } else {
            self.note(Sort::View, &view.name, self.database.views.len());
            self.database.views.push(view);
        }
        Ok(())
    }

    pub(super) fn drop_views(&mut self, dropped: Dropped) -> Done {
        for name in dropped.names {
            let name = self.session.resolve(name);
            match self.find_view(&name) {
                Some(at) => {
                    let view = &mut self.database.views[at];
                    view.name = ObjectName::bare("");
                    view.query = Expr::new("");
                    let key = Sort::View.key(&name, &self.session.facts);
                    self.names.forget(Sort::View, &key);
                }
                None if dropped.if_exists => {}
                None => return Err(Misfit::new(format!("there is no view {name}"))),
            }
        }
        Ok(())
    }
}
