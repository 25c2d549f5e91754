with

counts as (

    select * from {{ ref('int_counts__correct') }}

),

known as (

    select * from {{ ref('int_registered_counts__list') }}

),

listed as (

    select
        count_id,
        count(*) as ever,
        count(*) filter (where is_active) as active,
        count(*) filter (where is_active and is_branch) as branches,
        {{ weakest_origin('origin') }} as origin
    from known
    group by count_id

),

-- the highest number that was seen at the time of a count, or next after it
serials as (

    select distinct on (stated.count_id)
        stated.count_id,
        serial.value,
        serial.figure_id
    from counts as stated
    inner join counts as serial  -- noqa: RF04
        on
            serial.count_kind = 'serial'
            and stated.kind = serial.kind
            and stated.reference_on <= serial.reference_on
    where stated.count_kind = 'stock' and stated.registrar = 'PSEB' and stated.region = 'Pakistan'
    order by stated.count_id asc, serial.reference_on asc, serial.value desc

),

-- other counts that a count cannot be reconciled with, and why
beside as (

    select
        stated.count_id,
        judged.reason,
        other.figure_id
    from counts as stated
    inner join counts as other
        on
            stated.kind = other.kind
            and stated.region = other.region
            and stated.count_kind = other.count_kind
            and stated.count_id != other.count_id
    cross join
        lateral (
            values
            (
                'claimants_disagree',
                stated.registrar = other.registrar
                and stated.counted_what = other.counted_what
                and stated.claimant != other.claimant
                and extract(year from stated.reference_on) = extract(year from other.reference_on)
                and stated.value != other.value
            ),
            (
                'fewer_than_before',
                stated.registrar = other.registrar
                and stated.reference_on > other.reference_on
                and other.counted in ('ever_issued', 'unknown')
                and stated.value < other.value
            ),
            (
                'another_registrars_count_is_close',
                stated.registrar != other.registrar
                and abs(stated.value - other.value) * 20 <= other.value
            )
        ) as judged (reason, is_so)
    where
        stated.count_kind = 'stock'
        and stated.counted != 'lapsed'
        and other.counted != 'lapsed'
        and judged.is_so

),

shares as (

    select
        stated.count_id,
        other.figure_id,
        sum(other.value) over (partition by stated.count_id) as added
    from counts as stated
    inner join counts as other
        on
            stated.counted_what = other.counted_what
            and stated.claimant = other.claimant
            and stated.reference_on = other.reference_on
    where stated.count_kind = 'share' and other.count_kind = 'share'

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
        stated.count_id,
        'above_the_serial' as reason,
        serials.figure_id
    from counts as stated
    inner join serials on stated.count_id = serials.count_id
    where stated.value > serials.value

    union all

    select
        count_id,
        'vague_date' as reason,
        null as figure_id
    from counts
    where reference_on is null or reference_precision in ('year', 'unknown')

    union all

    select
        count_id,
        'basis_not_stated' as reason,
        null as figure_id
    from counts
    where counted = 'unknown'

    union all

    select
        stated.count_id,
        'branches' as reason,
        null as figure_id
    from counts as stated
    inner join listed on stated.count_id = listed.count_id
    where stated.count_kind = 'stock' and stated.value != listed.active and listed.branches > 0

    union all

    select
        stated.count_id,
        'ever_issued_or_active' as reason,
        null as figure_id
    from counts as stated
    inner join listed on stated.count_id = listed.count_id
    where stated.counted in ('unknown', 'ever_issued') and stated.count_kind = 'stock' and listed.ever > listed.active

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
        stated.count_id,
        stated.counted_what,
        stated.registrar,
        stated.kind,
        stated.count_kind,
        stated.counted,
        stated.region,
        stated.claimant,
        stated.reference_on,
        stated.reference_precision,
        stated.qualifier,
        stated.value as claimed,
        stated.unit,

        listed.active as listed_active,
        listed.ever as listed_ever,
        listed.branches as listed_branches,
        case
            when stated.count_kind = 'stock' and stated.counted != 'lapsed' then stated.value - listed.active
        end as gap,
        serials.value as serial,  -- noqa: RF04
        {{ in_order('told.reasons') }} as reasons,

        stated.corrected,
        stated.origin,
        listed.origin as listed_origin,
        stated.dataset,
        stated.release_id,
        stated.published_on,
        stated.note,
        stated.source_url,
        array[stated.figure_id] as claimed_figure_ids,
        case when serials.figure_id is not null then array[serials.figure_id] end as serial_figure_ids,
        told.against_figure_ids

    from counts as stated
    left join listed on stated.count_id = listed.count_id
    left join serials on stated.count_id = serials.count_id
    left join told on stated.count_id = told.count_id
    where stated.count_kind != 'serial'

)

select * from final
