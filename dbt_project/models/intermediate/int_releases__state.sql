with

releases as (

    select * from {{ source('archive', 'release') }}

),

extractions as (

    select * from {{ source('archive', 'extraction') }}

),

events as (

    select * from {{ seen_ledger() }} as ledger

),

last_events as (

    select distinct on (release_id)
        release_id,
        seq,
        at,
        event,
        actor,
        reason
    from events
    order by release_id asc, seq desc

),

last_readings as (

    select distinct on (release_id)
        release_id,
        extraction_id
    from events
    where extraction_id is not null
    order by release_id asc, seq desc

),

final as (

    select
        releases.release_id,
        last_readings.extraction_id,

        releases.dataset,
        extractions.edition,
        releases.origin,
        releases.sha256,
        releases.url,
        releases.coverage,
        releases.redacted,

        releases.published_on,
        releases.published_on_from,
        releases.first_fetched_at,

        last_events.event as state,
        last_events.at as state_at,
        last_events.seq as state_seq,
        last_events.reason as state_reason,
        last_events.actor as decided_by,

        coalesce(extractions.figures, 0) as figures,
        coalesce(extractions.entries, 0) as entries,
        coalesce(extractions.rejected, 0) as rejected,
        cast(dense_rank() over (
            partition by releases.dataset, releases.published_on
            order by releases.last_saved_at asc nulls first, releases.release_id asc
        ) as integer) as published_seq

    from releases
    inner join last_events on releases.release_id = last_events.release_id
    left join last_readings on releases.release_id = last_readings.release_id
    left join extractions on last_readings.extraction_id = extractions.extraction_id

)

select * from final
