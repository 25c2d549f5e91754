with

spans as (

    select * from {{ ref('int_registrations__span') }}

),

registrations as (

    select * from {{ ref('fct_registration') }}

),

lists as (

    select * from {{ ref('int_registers__lists') }}

),

places as (

    select * from {{ ref('dim_place') }}

),

cells as (

    select
        kind,
        region_code,
        city_code,
        min(first_on) as first_on,
        {{ weakest_origin('origin') }} as origin
    from spans
    group by kind, region_code, city_code

),

newest as (

    select cast(date_trunc('month', max(published_on)) as date) as month_on
    from registrations

),

months as (

    select
        cells.*,
        cast(months_of.on_ as date) as period_start
    from cells
    cross join newest
    cross join lateral generate_series(cells.first_on, newest.month_on, interval '1 month') as months_of (on_)

),

-- one begins, one ends: their sum up to a month is how many there are in it
changes as (

    select
        kind,
        region_code,
        city_code,
        period_start,
        sum(change) filter (where measure = 'registered') as registered,
        sum(change) filter (where measure = 'new') as new,  -- noqa: RF04
        sum(change) filter (where measure = 'renewed') as renewed,
        sum(change) filter (where measure = 're_registered') as re_registered,
        sum(change) filter (where measure = 'unclear') as unclear,
        sum(change) filter (where measure = 'lapsed') as lapsed,
        sum(change) filter (where measure = 'unlisted') as unlisted,
        sum(change) filter (where measure = 'moved_in') as moved_in,
        sum(change) filter (where measure = 'moved_out') as moved_out
    from (
        select
            kind,
            region_code,
            city_code,
            measure,
            first_on as period_start,
            1 as change  -- noqa: RF04
        from spans
        union all
        select
            kind,
            region_code,
            city_code,
            measure,
            end_on as period_start,
            -1 as change  -- noqa: RF04
        from spans
    ) as each_change
    group by kind, region_code, city_code, period_start

),

counted as (

    select
        months.period_start,
        months.kind,
        months.region_code,
        months.city_code,
        months.origin,
        {{ running_count('changes.registered') }} as registered,
        {{ running_count('changes.new') }} as new,  -- noqa: RF04
        {{ running_count('changes.renewed') }} as renewed,
        {{ running_count('changes.re_registered') }} as re_registered,
        {{ running_count('changes.unclear') }} as unclear,
        {{ running_count('changes.lapsed') }} as lapsed,
        {{ running_count('changes.unlisted') }} as unlisted,
        {{ running_count('changes.moved_in') }} as moved_in,
        {{ running_count('changes.moved_out') }} as moved_out
    from months
    left join changes
        on
            months.kind = changes.kind
            and months.region_code = changes.region_code
            and months.city_code = changes.city_code
            and months.period_start = changes.period_start

),

final as (

    select
        to_char(counted.period_start, 'YYYY-MM') as period_code,
        counted.kind,
        counted.region_code,
        counted.city_code,
        counted.period_start,
        cast(counted.period_start + interval '1 month' as date) as period_end,
        counted.registered,
        counted.new,
        counted.renewed,
        counted.re_registered,
        counted.unclear,
        counted.lapsed,
        counted.unlisted,
        counted.moved_in,
        counted.moved_out,
        complete.list_on as complete_list_on,
        case when complete.list_on is null then 'partial' else 'complete' end as coverage,
        counted.origin
    from counted
    left join places as regions on counted.region_code = regions.place_code
    cross join lateral (
        select max(lists.published_on) as list_on
        from lists
        where
            lists.published_on < counted.period_start + interval '1 month'
            and {{ is_in_scope('lists', 'counted.kind', 'regions.place_name') }}
    ) as complete

)

select * from final
