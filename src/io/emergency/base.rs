//! The emergency information base as sections of a sheet.

use super::sheet::{Section, SheetTable};
use crate::network::Network;
use crate::text::Language;

/// Contacts, stores, mutual aid and standing plans, as far as there are any.
pub fn base_sections(network: &Network, language: Language) -> Vec<Section> {
    let base = network.emergency_base();
    let word = |key: &str| language.texts().get(key).into_owned();
    let section = |title: &str, heads: &[&str], rows: Vec<Vec<String>>| {
        let table = SheetTable { heads: heads.iter().map(|key| word(key)).collect(), rows };
        (!table.rows.is_empty()).then(|| Section { title: word(title), table: Some(table), ..Section::default() })
    };
    let contacts = base.contacts.iter().map(|one| vec![one.name.clone(), one.role.clone(), one.phone.clone()]);
    let stores = base.stores.iter().map(|store| {
        let at = store.element.as_deref().map_or_else(String::new, |element| format!(" ({element})"));
        let count = if store.count == 0.0 { "–".to_owned() } else { store.count.to_string() };
        vec![store.item.clone(), count, store.unit.clone(), format!("{}{at}", store.place).trim().to_owned()]
    });
    let aid = base
        .mutual_aid
        .iter()
        .map(|aid| vec![aid.organisation.clone(), aid.offers.clone(), aid.contact.clone(), aid.phone.clone()]);
    let mut sections = Vec::new();
    sections.extend(section("base-contacts", &["base-name", "base-role", "incident-phone"], contacts.collect()));
    sections.extend(section("base-stores", &["base-item", "base-count", "base-unit", "base-where"], stores.collect()));
    sections.extend(section(
        "base-aid",
        &["base-organisation", "base-offers", "base-contact", "incident-phone"],
        aid.collect(),
    ));
    sections.extend(base.plans.iter().map(|plan| Section {
        title: language.texts().with("base-plan", &[("title", plan.title.clone().into())]),
        lines: plan.text.lines().map(str::to_owned).collect(),
        ..Section::default()
    }));
    sections
}
