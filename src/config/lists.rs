//! What can be written as often as a person likes, one line each: [`LISTS`].

use crate::alert::{Objective, ObjectiveForm, Rule, RuleError, RuleForm};
use crate::collect::probe::{self, ProbeForm};
use crate::collect::{ApiForm, Kind, LevelForm, PriceForm, SourceForm, Surroundings, open_source};
use crate::model::metric::{self, METRICS, SHORT_NAMES};
use crate::net::FormError;
use crate::store::remote::{self, ExportForm, check_export};

use super::list::{Flaw, List, Sections};
use super::mistake::nearest;

/// Every section that is written as `[[name]]`.
pub const LISTS: &[&dyn Sections] = &[
    &SOURCES,
    &PROBES,
    &APIS,
    &LEVELS,
    &PRICES,
    &OBJECTIVES,
    &RULES,
    &EXPORTS,
];

/// `[[source]]`: the servers, pages and logs to watch.
const SOURCES: List<SourceForm> = List {
    name: "source",
    needed: &["kind", "address"],
    named_by: &["name", "address"],
    check: check_source,
    kept: |settings| &mut settings.sources,
};

/// `[[probe]]`: requests that hubtop itself makes.
const PROBES: List<ProbeForm> = List {
    name: "probe",
    needed: &["url"],
    named_by: &["name", "url"],
    check: |form| {
        let source = probe::open(form, &Surroundings::apart())?;
        Ok(source.spec().name.to_string())
    },
    kept: |settings| &mut settings.probes,
};

/// `[[api]]`: timings and counts of requests on pages of metrics.
const APIS: List<ApiForm> = List {
    name: "api",
    needed: &["metric"],
    named_by: &["metric"],
    check: |form| {
        form.check()?;
        Ok(of_page(&form.metric, form.source.as_deref()))
    },
    kept: |settings| &mut settings.apis,
};

/// `[[cache_level]]`: levels of an application's caches on pages of metrics.
const LEVELS: List<LevelForm> = List {
    name: "cache_level",
    needed: &["level", "hits", "misses"],
    named_by: &["level"],
    check: |form| {
        form.check()?;
        Ok(of_page(&form.level, form.source.as_deref()))
    },
    kept: |settings| &mut settings.levels,
};

/// `[[price]]`: what models cost.
const PRICES: List<PriceForm> = List {
    name: "price",
    needed: &["model", "input", "output"],
    named_by: &["model"],
    check: |form| Ok(form.model.clone()),
    kept: |settings| &mut settings.prices,
};

/// What is called `name`, on one page or on all of them.
fn of_page(name: &str, page: Option<&str>) -> String {
    page.map_or(name.to_owned(), |page| format!("{name} of {page}"))
}

/// `[[slo]]`: a person's own objectives; one with the name of a default one takes its place.
const OBJECTIVES: List<ObjectiveForm> = List {
    name: "slo",
    needed: &["name"],
    named_by: &["name"],
    check: check_objective,
    kept: |settings| &mut settings.objectives,
};

/// `[[rule]]`: a person's own alert rules, in the form that hubtop's own are written in.
const RULES: List<RuleForm> = List {
    name: "rule",
    needed: &[
        "name",
        "metric",
        "condition_operator",
        "threshold",
        "for",
        "severity",
    ],
    named_by: &["name"],
    check: check_rule,
    kept: |settings| &mut settings.rules,
};

/// `[[export]]`: engines on other machines that keep what is watched.
const EXPORTS: List<ExportForm> = List {
    name: "export",
    needed: &["kind", "url"],
    named_by: &["name", "kind"],
    check: check_engine,
    kept: |settings| &mut settings.exports,
};

/// Opens it as it will be opened, to hear what is wrong with it; nothing connects yet. It is called what the screen
/// calls it.
fn check_source(form: &SourceForm) -> Result<String, Vec<Flaw>> {
    let Some(kind) = Kind::find(&form.kind) else {
        let words = Kind::words();
        let why = format!("{:?} is none of {}", form.kind, words.join(", "));
        let near = nearest(&form.kind, words);
        return Err(vec![Flaw::of("kind", why).near(near)]);
    };
    let useless: Vec<Flaw> = kind.useless(form).map(Flaw::from).collect();
    if !useless.is_empty() {
        return Err(useless);
    }
    let source = open_source(form, &Surroundings::apart())?;
    Ok(source.spec().name.to_string())
}

/// Looks through it as it is looked through at the start; nothing connects yet.
fn check_engine(form: &ExportForm) -> Result<String, Vec<Flaw>> {
    match check_export(form) {
        Ok(()) => Ok(form.name().to_owned()),
        Err(error) => {
            let near = nearest(&form.kind, remote::Kind::words());
            let near = near.filter(|_| error.key == "kind");
            Err(vec![Flaw::from(error).near(near)])
        }
    }
}

/// One that is switched off need not say more than its name.
fn check_objective(form: &ObjectiveForm) -> Result<String, Vec<Flaw>> {
    let mut flaws: Vec<Flaw> = form
        .metric
        .as_deref()
        .and_then(unknown_metric)
        .into_iter()
        .collect();
    if form.enabled != Some(false)
        && let Err(error) = Objective::try_from(form.clone())
    {
        flaws.push(Flaw::of(error.key, error.why));
    }
    if flaws.is_empty() {
        Ok(form.name.clone())
    } else {
        Err(flaws)
    }
}

impl From<FormError> for Flaw {
    fn from(error: FormError) -> Self {
        Self::of(error.key, error.why)
    }
}

impl From<FormError> for Vec<Flaw> {
    fn from(error: FormError) -> Self {
        vec![error.into()]
    }
}

fn check_rule(form: &RuleForm) -> Result<String, Vec<Flaw>> {
    let mut flaws: Vec<Flaw> = unknown_metric(&form.metric).into_iter().collect();
    match Rule::try_from(form.clone()) {
        Ok(_) => {}
        // That it is none was said already.
        Err(RuleError::Value { key: "metric", .. }) if !flaws.is_empty() => {}
        Err(RuleError::Value { key, why, .. }) => flaws.push(Flaw::of(key, why)),
        Err(RuleError::Form(why)) => flaws.push(Flaw::whole(why)),
    }
    if flaws.is_empty() {
        Ok(form.name.clone())
    } else {
        Err(flaws)
    }
}

/// A metric that nothing brings: a rule on it would never speak.
fn unknown_metric(name: &str) -> Option<Flaw> {
    if metric::find(metric::full_name(name)).is_some() {
        return None;
    }
    let full = METRICS.iter().map(|def| def.name);
    let short = SHORT_NAMES.iter().map(|(short, _)| *short);
    let flaw = Flaw::of("metric", format!("{name:?} is no metric"));
    Some(flaw.near(nearest(name, full.chain(short))))
}
