with

counts as (

    select * from {{ ref('int_counts__correct') }}

),

registrations as (

    select * from {{ ref('fct_registration') }}

),

places as (

    select * from {{ ref('dim_place') }}

),

-- the region that a count is of, where it is one place
placed as (

    select
        counts.count_id,
        counts.kind,
        counts.reference_on,
        nullif(counts.region, 'Pakistan') is null as is_national,
        places.place_code
    from counts
    left join places
        on
            places.place_kind in ('city', 'province', 'territory')
            and (
                counts.region = places.place_name
                or (counts.region = 'Federal (ICT)' and places.place_code = 'islamabad_capital_territory')
            )
    where counts.count_kind != 'serial'

),

final as (

    select
        placed.count_id,
        known.registrant_code,
        known.location_code,
        known.is_listed and coalesce(known.lapses_on > placed.reference_on, false) as is_active,
        known.is_branch,
        known.origin,
        known.entry_ids
    from placed
    inner join registrations as known
        on
            placed.kind = known.kind
            and placed.reference_on >= known.published_on
            and (known.superseded_on is null or placed.reference_on < known.superseded_on)
    inner join places on known.place_code = places.place_code
    where placed.is_national or placed.place_code in (places.region_code, places.city_code)

)

select * from final
