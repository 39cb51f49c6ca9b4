//! The analysis as JSON: SI units in the names, `null` and the reason beside it where there is no figure.

use serde_json::{Map, Value, json};

use super::sheet::hour_text;
use crate::dispatch::energy::{
    Account, Comparison, DegreeSum, EnergyView, Period, Place, Planned, Ranking, Refused, Resource, System, TargetKept,
};

fn put(into: &mut Map<String, Value>, name: &str, value: &Result<f64, Refused>) {
    into.insert(name.to_owned(), value.as_ref().map_or(Value::Null, |value| json!(value)));
    if let Err(refused) = value {
        let reasons = into.entry("refused").or_insert_with(|| json!({}));
        reasons[name] = reason(refused);
    }
}

fn reason(refused: &Refused) -> Value {
    match refused {
        Refused::TooLittle { known_share } => json!({ "why": refused.word(), "known_share": known_share }),
        Refused::Members { refused: count, of, first } => {
            json!({ "why": refused.word(), "missing": count, "of": of, "first": &**first })
        }
        _ => json!({ "why": refused.word() }),
    }
}

fn place(place: &Place) -> Map<String, Value> {
    let mut out = Map::new();
    out.insert("kind".to_owned(), json!(place.kind.word()));
    out.insert("id".to_owned(), json!(&*place.id));
    out.insert("name".to_owned(), json!(&*place.name));
    out
}

fn period(period: Period) -> Value {
    json!({ "from": hour_text(period.from), "to": hour_text(period.to), "hours": period.len() })
}

fn degree_days(sum: &Result<DegreeSum, Refused>) -> Value {
    match sum {
        Ok(sum) => json!({
            "degree_days_k_d": sum.degree_days, "known_share": sum.known_share, "mean_outdoor_c": sum.mean_c,
        }),
        Err(refused) => json!({ "degree_days_k_d": null, "refused": reason(refused) }),
    }
}

/// `heat_j`, `make_up_m3` …
fn amount_name(resource: Resource) -> String {
    let unit = if matches!(resource, Resource::MakeUp | Resource::Circulated) { "m3" } else { "j" };
    format!("{}_{unit}", resource.word())
}

fn account(own: &Account) -> Value {
    let mut out = place(&own.place);
    out.insert("area_m2".to_owned(), json!(own.area_m2));
    for resource in Resource::ALL {
        let name = amount_name(resource);
        let total = own.total(resource);
        put(&mut out, &name, &total.as_ref().map(|total| total.amount).map_err(Clone::clone));
        if let Ok(total) = total {
            let word = resource.word();
            out.insert(format!("{word}_measured_share"), json!(total.measured_share));
            out.insert(format!("{word}_bridged_share"), json!(total.bridged_share));
            out.insert(format!("{name}_filled"), json!(total.filled));
        }
    }
    put(&mut out, "heat_per_area_j_m2", &own.per_area(Resource::Heat));
    put(&mut out, "heat_per_area_and_degree_day_j_m2_k_d", &own.heat_per_area_and_degree_day());
    put(&mut out, "electricity_per_area_j_m2", &own.per_area(Resource::Electricity));
    put(&mut out, "make_up_per_area_m3_m2", &own.per_area(Resource::MakeUp));
    put(&mut out, "electricity_per_heat", &own.per_heat(Resource::Electricity));
    put(&mut out, "make_up_per_heat_m3_j", &own.per_heat(Resource::MakeUp));
    put(&mut out, "water_loss_share", &own.water_loss_share());
    put(&mut out, "fuel_efficiency", &own.fuel_efficiency());
    Value::Object(out)
}

fn system(own: &System) -> Value {
    let mut out = Map::new();
    put(&mut out, "supplied_j", &own.supplied_j);
    put(&mut out, "received_j", &own.received_j);
    put(&mut out, "transport_share", &own.transport_share);
    put(&mut out, "fuel_share", &own.fuel_share);
    put(&mut out, "whole_share", &own.whole_share);
    put(&mut out, "electricity_per_heat", &own.electricity_per_heat);
    put(&mut out, "primary_loss_share", &own.primary_loss_share);
    put(&mut out, "secondary_loss_share", &own.secondary_loss_share);
    put(&mut out, "make_up_per_area_m3_m2", &own.make_up_per_area);
    Value::Object(out)
}

fn comparison(own: &Comparison) -> Value {
    let changes = own.changes.iter().map(|change| {
        let mut out = place(&change.place);
        out.insert("resource".to_owned(), json!(change.resource.word()));
        out.insert("now".to_owned(), json!(change.now));
        out.insert("then".to_owned(), json!(change.then));
        put(&mut out, "change_share", &change.raw_share);
        if let (Some(corrected), Some(share)) = (&change.corrected_then, change.corrected_share()) {
            put(&mut out, "corrected_then", corrected);
            put(&mut out, "corrected_change_share", &share);
        }
        Value::Object(out)
    });
    let mut out = Map::new();
    out.insert("with".to_owned(), json!(own.other.word()));
    out.insert("period".to_owned(), period(own.period));
    put(&mut out, "degree_days_k_d", &own.degree_days);
    out.insert("changes".to_owned(), changes.collect());
    out.insert("without".to_owned(), json!(own.without));
    Value::Object(out)
}

fn ranking(own: &Ranking) -> Value {
    let ranked = own.ranked.iter().map(|one| {
        let mut out = place(&one.place);
        out.insert("rank".to_owned(), json!(one.rank));
        out.insert("per_area".to_owned(), json!(one.per_area));
        out.insert("deviation_share".to_owned(), json!(one.deviation_share));
        Value::Object(out)
    });
    let without = own.without.iter().map(|(own, refused)| {
        let mut out = place(own);
        out.insert("refused".to_owned(), reason(refused));
        Value::Object(out)
    });
    json!({
        "kind": own.kind.word(), "resource": own.resource.word(), "median": own.median,
        "ranked": ranked.collect::<Value>(), "without": without.collect::<Value>(),
    })
}

fn planned(own: &Planned) -> Value {
    let mut out = place(&own.place);
    let worst = own.worst.map(|(hour, difference_j)| json!({ "time": hour_text(hour), "difference_j": difference_j }));
    let figures = [
        ("hours", json!(own.hours)),
        ("measured_hours", json!(own.measured_hours)),
        ("planned_j", json!(own.planned_j)),
        ("actual_j", json!(own.actual_j)),
        ("deviation_share", json!(own.deviation_share())),
        ("hourly_share", json!(own.hourly_share)),
        ("worst", json!(worst)),
    ];
    out.extend(figures.map(|(name, value)| (name.to_owned(), value)));
    Value::Object(out)
}

fn target(own: &TargetKept) -> Value {
    let mut out = place(&own.place);
    out.insert("resource".to_owned(), json!(own.resource.word()));
    out.insert("target_per_area".to_owned(), json!(own.target));
    put(&mut out, "actual_per_area", &own.actual);
    out.insert("deviation_share".to_owned(), json!(own.deviation_share()));
    Value::Object(out)
}

/// The whole analysis.
pub fn json(view: &EnergyView) -> Value {
    let pieces = view.pieces.iter().map(|piece| {
        let sum = piece.accounts.first().map_or(Err(Refused::NoWeather), |city| city.degree_days.clone());
        json!({
            "period": period(piece.period),
            "weather": degree_days(&sum),
            "accounts": piece.accounts.iter().map(account).collect::<Value>(),
        })
    });
    json!({
        "clause": "4.2.8",
        "period": period(view.setting.period),
        "base_c": view.setting.base_c,
        "least_known_share": view.setting.least_share,
        "weather": degree_days(&view.degree_days),
        "accounts": view.accounts.iter().map(account).collect::<Value>(),
        "system": view.system.as_ref().map(system),
        "comparisons": view.comparisons.iter().map(comparison).collect::<Value>(),
        "rankings": view.rankings.iter().map(ranking).collect::<Value>(),
        "pieces": pieces.collect::<Value>(),
        "plan": view.planned.iter().map(planned).collect::<Value>(),
        "targets": view.targets.iter().map(target).collect::<Value>(),
    })
}
