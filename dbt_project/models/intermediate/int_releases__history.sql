with

releases as (

    select * from {{ ref('int_releases__state') }}

),

events as (

    select * from {{ seen_ledger() }} as ledger

),

-- events of one instant came about together: the last of them counts
instants as (

    select distinct on (release_id, at)
        release_id,
        at,
        event in {{ visible_events() }} as is_visible
    from events
    order by release_id asc, at asc, seq desc

),

lasting as (

    select
        release_id,
        is_visible,
        tstzrange(at, lead(at) over (partition by release_id order by at asc)) as during
    from instants

),

visible as (

    select
        release_id,
        range_agg(during) as visible_during
    from lasting
    where is_visible
    group by release_id

),

-- also one that was taken back in the instant it came: a build may have seen it in between
ever_visible as (

    select
        release_id,
        min(seq) as first_seq
    from events
    where event in {{ visible_events() }}
    group by release_id

),

-- a release that comes in may renumber the others of its day
changes as (

    select
        release_id,
        max(state_seq) over (partition by dataset, published_on) as changed_seq
    from releases

),

final as (

    select
        releases.release_id,

        releases.dataset,
        releases.edition,
        releases.origin,

        releases.published_on,
        releases.published_seq,

        coalesce(visible.visible_during, '{}') as visible_during,
        ever_visible.first_seq,
        changes.changed_seq

    from releases
    inner join ever_visible on releases.release_id = ever_visible.release_id
    left join visible on releases.release_id = visible.release_id
    inner join changes on releases.release_id = changes.release_id

    {% if var('as_of_published') is not none %}
        where releases.published_on <= date '{{ var("as_of_published") }}'
    {% endif %}

)

select * from final
