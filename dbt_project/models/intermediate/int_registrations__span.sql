{#- Kept as a table, unlike its neighbours: who asks whom one count counts reads a few of its rows, by the index. -#}
{{
    config(
        materialized='incremental' if var('as_of_schema') is none else 'ephemeral',
        incremental_strategy='difference',
        on_schema_change='append_new_columns',
        contract={'enforced': var('as_of_schema') is none},
        indexes=[{'columns': ['city_code', 'region_code', 'kind', 'measure', 'registrant_code', 'location_code']}],
    )
}}

with

registrations as (

    select * from {{ ref('fct_registration') }}

),

places as (

    select * from {{ ref('dim_place') }}

),

placed as (

    select
        registrations.registrant_code,
        registrations.location_code,
        registrations.published_on,
        coalesce(registrations.kind, 'unknown') as kind,
        coalesce(places.region_code, registrations.place_code) as region_code,
        coalesce(places.city_code, registrations.place_code) as city_code,
        places.city_code is not null as is_in_city,
        registrations.valid_from_month,
        registrations.valid_till_month,
        registrations.lapses_on,
        registrations.succession,
        registrations.is_listed,
        registrations.origin,
        registrations.entry_ids,
        lag(registrations.valid_till_month) over (
            partition by registrations.registrant_code, registrations.location_code
            order by registrations.published_on asc
        ) as valid_till_month_before
    from registrations
    inner join places on registrations.place_code = places.place_code

),

newest as (

    select max(published_on) as day  -- noqa: RF04
    from registrations

),

-- rows of one validity have one number
numbered as (

    select
        *,
        count(*) filter (where valid_till_month is distinct from valid_till_month_before) over (
            partition by registrant_code, location_code
            order by published_on asc
        ) as validity_number
    from placed

),

-- a validity, as it was stated last
validities as (

    select distinct on (registrant_code, location_code, validity_number)
        *,
        cast(date_trunc('month', min(published_on) over (
            partition by registrant_code, location_code, validity_number
        )) as date) as seen_on
    from numbered
    where valid_till_month is not null
    order by registrant_code asc, location_code asc, validity_number asc, published_on desc

),

compared as (

    select
        *,
        coalesce(min(valid_till_month) over (
            partition by registrant_code, location_code
            order by validity_number asc
            rows between 1 following and unbounded following
        ) <= valid_till_month, false) as is_replaced
    from validities

),

-- one that is restated to end earlier replaces those before it that end no earlier: it began as the first of them
restated as (

    select
        compared.registrant_code,
        compared.location_code,
        compared.validity_number,
        coalesce(
            max(earlier.validity_number) filter (where earlier.valid_till_month < compared.valid_till_month), 0
        ) + 1 as replaced_number
    from compared
    inner join validities as earlier
        on
            compared.registrant_code = earlier.registrant_code
            and compared.location_code = earlier.location_code
            and compared.validity_number > earlier.validity_number
    where compared.succession = 'restated' and not compared.is_replaced
    group by compared.registrant_code, compared.location_code, compared.validity_number

),

-- where no first month is stated, it is not known to be older than its first release
begun as (

    select
        compared.*,
        coalesce(replaced.succession, compared.succession) as begins_as,
        coalesce(compared.valid_from_month, replaced.seen_on, compared.seen_on) as starts_on
    from compared
    left join restated
        on
            compared.registrant_code = restated.registrant_code
            and compared.location_code = restated.location_code
            and compared.validity_number = restated.validity_number
    left join validities as replaced
        on
            restated.registrant_code = replaced.registrant_code
            and restated.location_code = replaced.location_code
            and restated.replaced_number = replaced.validity_number
    where not compared.is_replaced

),

standing as (

    select
        *,
        min(starts_on) over (
            partition by registrant_code, location_code
            order by validity_number asc
            rows between 1 following and unbounded following
        ) as next_starts_on
    from begun

),

moved as (

    select
        *,
        lag(kind) over (
            partition by registrant_code, location_code
            order by published_on asc
        ) as kind_before,
        lag(region_code) over (
            partition by registrant_code, location_code
            order by published_on asc
        ) as region_code_before,
        lag(city_code) over (
            partition by registrant_code, location_code
            order by published_on asc
        ) as city_code_before,
        lag(is_in_city) over (
            partition by registrant_code, location_code
            order by published_on asc
        ) as was_in_city
    from placed

),

spans as (

    select
        'registered' as measure,
        kind,
        region_code,
        city_code,
        starts_on as first_on,
        least(lapses_on, next_starts_on) as end_on,
        registrant_code,
        location_code,
        published_on,
        origin,
        entry_ids
    from standing

    union all

    select
        begins_as as measure,
        kind,
        region_code,
        city_code,
        starts_on as first_on,
        cast(starts_on + interval '1 month' as date) as end_on,
        registrant_code,
        location_code,
        published_on,
        origin,
        entry_ids
    from standing
    where begins_as in ('new', 'renewed', 're_registered', 'unclear') and starts_on < lapses_on

    union all

    select
        'lapsed' as measure,
        standing.kind,
        standing.region_code,
        standing.city_code,
        standing.lapses_on as first_on,
        cast(standing.lapses_on + interval '1 month' as date) as end_on,
        standing.registrant_code,
        standing.location_code,
        standing.published_on,
        standing.origin,
        standing.entry_ids
    from standing
    cross join newest
    where
        standing.lapses_on <= newest.day
        and (standing.next_starts_on is null or standing.next_starts_on > standing.lapses_on)

    union all

    select
        'unlisted' as measure,
        kind,
        region_code,
        city_code,
        cast(date_trunc('month', published_on) as date) as first_on,
        cast(date_trunc('month', published_on) + interval '1 month' as date) as end_on,
        registrant_code,
        location_code,
        published_on,
        origin,
        entry_ids
    from placed
    where not is_listed

    union all

    select
        'moved_in' as measure,
        kind,
        region_code,
        city_code,
        cast(date_trunc('month', published_on) as date) as first_on,
        cast(date_trunc('month', published_on) + interval '1 month' as date) as end_on,
        registrant_code,
        location_code,
        published_on,
        origin,
        entry_ids
    from moved
    where is_in_city and was_in_city and city_code != city_code_before

    union all

    select
        'moved_out' as measure,
        kind_before as kind,
        region_code_before as region_code,
        city_code_before as city_code,
        cast(date_trunc('month', published_on) as date) as first_on,
        cast(date_trunc('month', published_on) + interval '1 month' as date) as end_on,
        registrant_code,
        location_code,
        published_on,
        origin,
        entry_ids
    from moved
    where is_in_city and was_in_city and city_code != city_code_before

),

-- nothing is said of months after that of the newest release
final as (

    select
        spans.measure,
        spans.kind,
        spans.region_code,
        spans.city_code,
        spans.first_on,
        least(spans.end_on, cast(date_trunc('month', newest.day) + interval '1 month' as date)) as end_on,
        spans.registrant_code,
        spans.location_code,
        spans.published_on,
        spans.origin,
        spans.entry_ids
    from spans
    cross join newest
    where spans.first_on < spans.end_on and spans.first_on <= newest.day

)

select * from final
