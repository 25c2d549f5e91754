with

releases as (

    select * from {{ ref('int_releases__state') }}

),

newest as (

    select * from {{ ref('int_datasets__summarise') }}

),

due_days as (

    {{ due_days() }}

),

received as (

    select
        dataset,
        max(first_fetched_at) as last_received_at,
        max(state_at) as last_decided_at,
        cast(count(*) as integer) as received,
        cast(count(*) filter (where state = 'quarantined') as integer) as quarantined,
        cast(coalesce(sum(entries) filter (where state in {{ visible_events() }}), 0) as bigint) as entries,
        cast(coalesce(sum(rejected) filter (where state in {{ visible_events() }}), 0) as bigint) as entries_rejected
    from releases
    group by dataset

),

-- the first day of the month after the newest edition's, where editions are months and a day is known
awaited as (

    select
        newest.dataset,
        due_days.due_day,
        cast(to_date(newest.newest_edition, 'YYYY-MM') + interval '1 month' as date) as edition_start
    from newest
    inner join due_days on newest.dataset = due_days.dataset
    where newest.newest_edition ~ '^\d{4}-\d{2}$'

),

final as (

    select
        received.dataset,
        newest.newest_edition,
        newest.newest_published_on,
        to_char(awaited.edition_start, 'YYYY-MM') as awaited_edition,
        cast(awaited.edition_start + interval '1 month' + (awaited.due_day - 1) * interval '1 day' as date) as due_on,
        received.received,
        received.quarantined,
        received.entries,
        received.entries_rejected,
        received.last_received_at,
        received.last_decided_at
    from received
    left join newest on received.dataset = newest.dataset
    left join awaited on received.dataset = awaited.dataset

)

select * from final
