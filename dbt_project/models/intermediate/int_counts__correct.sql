with

counts as (

    select * from {{ ref('stg_reported__counts') }}

),

releases as (

    select * from {{ ref('int_releases__visible') }}

),

corrections as (

    select * from {{ ref('int_corrections__history') }}
    where {{ is_in_force() }}

),

counted as (

    select * from {{ ref('counted') }}

),

-- of a count that several documents give, the newest
final as (

    select distinct on (counts.count_id)
        counts.count_id,
        counts.figure_id,
        counts.counted_what,
        counted.registrar,
        counted.kind,
        counts.count_kind,
        counts.counted,
        counts.region,
        counts.claimant,
        counts.reference_on,
        counts.reference_precision,
        counts.qualifier,
        counts.unit,
        case when corrections.corrected then corrections.value else counts.value end as value,
        coalesce(corrections.corrected, false) as corrected,
        counts.note,
        counts.source_url,
        releases.origin,
        releases.dataset,
        releases.release_id,
        releases.published_on
    from counts
    inner join counted on counts.counted_what = counted.counted_what
    inner join releases on counts.release_id = releases.release_id
    left join corrections on counts.figure_id = corrections.figure_id
    where not coalesce(corrections.is_dropped, false)
    order by counts.count_id asc, releases.published_on desc, counts.figure_id desc

)

select * from final
