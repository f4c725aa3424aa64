//! A server and the one that follows it.

use crate::servers::postgres::Postgres;
use crate::{labels_of, rows, source_of};

#[test]
fn both_sides_tell_of_each_other_and_of_a_slot_that_nobody_reads() {
    let primary = Postgres::start(15);
    let standby = primary.standby();
    let mut asked = source_of(&primary);
    let reading = asked.ask_until("the follower without lag", |reading, _| {
        let row = rows!(reading, Databases)?.remove(0);
        let replica = row.replicas.first()?;
        (replica.lag_seconds == Some(0.0)).then(|| reading.clone())
    });
    let row = rows!(reading, Databases).unwrap().remove(0);
    assert_eq!(row.role.as_deref(), Some("primary"));
    assert_eq!(&*row.replicas[0].state, "streaming");
    assert_eq!(row.replicas[0].lag_bytes, Some(0));
    let lag = asked.value(&reading, "db.replication.lag_seconds", &labels_of(&primary));
    assert_eq!(lag, Some(0.0));

    let mut of_standby = source_of(&standby);
    let row = of_standby.ask_until("the primary", |reading, _| {
        let row = rows!(reading, Databases)?.remove(0);
        (!row.replicas.is_empty()).then_some(row)
    });
    assert_eq!(row.role.as_deref(), Some("standby"));
    assert_eq!(
        &*row.replicas[0].name,
        format!("127.0.0.1:{}", primary.port)
    );

    primary.sql("SELECT pg_create_physical_replication_slot('forgotten', true)");
    asked.ask_until("the slot", |reading, _| {
        let row = rows!(reading, Databases)?.remove(0);
        let mut slots = row
            .replicas
            .into_iter()
            .filter(|it| &*it.name == "forgotten");
        slots
            .next()
            .filter(|slot| &*slot.state == "slot, nobody reads")
    });
}
