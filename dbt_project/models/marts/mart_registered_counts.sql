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
        counts.*,
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

),

listed as (

    select
        placed.count_id,
        count(*) as ever,
        count(*) filter (where known.is_listed and known.lapses_on > placed.reference_on) as active,
        count(*) filter (
            where known.is_listed and known.lapses_on > placed.reference_on and known.is_branch
        ) as branches,
        {{ weakest_origin('known.origin') }} as origin
    from placed
    inner join registrations as known
        on
            placed.kind = known.kind
            and placed.reference_on >= known.published_on
            and (known.superseded_on is null or placed.reference_on < known.superseded_on)
    inner join places on known.place_code = places.place_code
    where placed.is_national or placed.place_code in (places.region_code, places.city_code)
    group by placed.count_id

),

-- the highest number that was seen at the time of a count, or next after it
serials as (

    select distinct on (placed.count_id)
        placed.count_id,
        serial.value,
        serial.figure_id
    from placed
    inner join counts as serial  -- noqa: RF04
        on
            serial.count_kind = 'serial'
            and placed.kind = serial.kind
            and placed.reference_on <= serial.reference_on
    where placed.count_kind = 'stock' and placed.registrar = 'PSEB' and placed.is_national
    order by placed.count_id asc, serial.reference_on asc, serial.value desc

),

-- other counts that a count cannot be reconciled with, and why
beside as (

    select
        placed.count_id,
        judged.reason,
        other.figure_id
    from placed
    inner join counts as other
        on
            placed.kind = other.kind
            and placed.region = other.region
            and placed.count_kind = other.count_kind
            and placed.count_id != other.count_id
    cross join
        lateral (
            values
            (
                'claimants_disagree',
                placed.registrar = other.registrar
                and placed.counted_what = other.counted_what
                and placed.claimant != other.claimant
                and extract(year from placed.reference_on) = extract(year from other.reference_on)
                and placed.value != other.value
            ),
            (
                'fewer_than_before',
                placed.registrar = other.registrar
                and placed.reference_on > other.reference_on
                and other.counted in ('ever_issued', 'unknown')
                and placed.value < other.value
            ),
            (
                'another_registrars_count_is_close',
                placed.registrar != other.registrar
                and abs(placed.value - other.value) * 20 <= other.value
            )
        ) as judged (reason, is_so)
    where
        placed.count_kind = 'stock'
        and placed.counted != 'lapsed'
        and other.counted != 'lapsed'
        and judged.is_so

),

shares as (

    select
        placed.count_id,
        other.figure_id,
        sum(other.value) over (partition by placed.count_id) as added
    from placed
    inner join counts as other
        on
            placed.counted_what = other.counted_what
            and placed.claimant = other.claimant
            and placed.reference_on = other.reference_on
    where placed.count_kind = 'share' and other.count_kind = 'share'

),

reasons as (

    select
        count_id,
        reason,
        figure_id
    from beside

    union all

    select
        count_id,
        'shares_do_not_add_up' as reason,
        figure_id
    from shares
    where added != 100

    union all

    select
        placed.count_id,
        'above_the_serial' as reason,
        serials.figure_id
    from placed
    inner join serials on placed.count_id = serials.count_id
    where placed.value > serials.value

    union all

    select
        count_id,
        'vague_date' as reason,
        null as figure_id
    from placed
    where reference_on is null or reference_precision in ('year', 'unknown')

    union all

    select
        count_id,
        'basis_not_stated' as reason,
        null as figure_id
    from placed
    where counted = 'unknown'

    union all

    select
        placed.count_id,
        'branches' as reason,
        null as figure_id
    from placed
    inner join listed on placed.count_id = listed.count_id
    where placed.count_kind = 'stock' and placed.value != listed.active and listed.branches > 0

    union all

    select
        placed.count_id,
        'ever_issued_or_active' as reason,
        null as figure_id
    from placed
    inner join listed on placed.count_id = listed.count_id
    where placed.counted in ('unknown', 'ever_issued') and placed.count_kind = 'stock' and listed.ever > listed.active

    union all

    select
        count_id,
        'lists_are_synthetic' as reason,
        null as figure_id
    from listed
    where origin = 'synthetic'

),

told as (

    select
        count_id,
        array_agg(distinct reason) as reasons,
        array_agg(distinct figure_id order by figure_id) filter (where figure_id is not null) as against_figure_ids
    from reasons
    group by count_id

),

final as (

    select
        placed.count_id,
        placed.counted_what,
        placed.registrar,
        placed.kind,
        placed.count_kind,
        placed.counted,
        placed.region,
        placed.claimant,
        placed.reference_on,
        placed.reference_precision,
        placed.qualifier,
        placed.value as claimed,
        placed.unit,

        listed.active as listed_active,
        listed.ever as listed_ever,
        listed.branches as listed_branches,
        case
            when placed.count_kind = 'stock' and placed.counted != 'lapsed' then placed.value - listed.active
        end as gap,
        serials.value as serial,  -- noqa: RF04
        {{ in_order('told.reasons') }} as reasons,

        placed.corrected,
        placed.origin,
        listed.origin as listed_origin,
        placed.dataset,
        placed.release_id,
        placed.published_on,
        placed.note,
        placed.source_url,
        array[placed.figure_id] as claimed_figure_ids,
        case when serials.figure_id is not null then array[serials.figure_id] end as serial_figure_ids,
        told.against_figure_ids

    from placed
    left join listed on placed.count_id = listed.count_id
    left join serials on placed.count_id = serials.count_id
    left join told on placed.count_id = told.count_id
    where placed.count_kind != 'serial'

)

select * from final
