with

exports as (

    select * from {{ ref('mart_call_centres') }}

),

counts as (

    select * from {{ ref('int_counts__correct') }}

),

-- national counts of call centres within a year of the period's end; a blog names no registrar and is left out
beside as (

    select
        exports.period_code,
        counts.figure_id,
        counts.value,
        counts.origin,
        counts.corrected,
        counts.claimant = 'blog' as is_left_out
    from exports
    inner join counts
        on
            counts.counted_what = 'registered_call_centres'
            and counts.count_kind = 'stock'
            and counts.region = 'Pakistan'
            and counts.counted in ('active', 'unknown')
            and abs(counts.reference_on - (exports.period_end - 1)) <= 366
    where exports.period_kind in ('fiscal_year', 'fiscal_year_to_date')

),

ranges as (

    select
        period_code,
        min(value) filter (where not is_left_out) as least,  -- noqa: RF04
        max(value) filter (where not is_left_out) as most,
        (array_agg(figure_id order by value asc, figure_id asc) filter (where not is_left_out))[1] as least_figure_id,
        (array_agg(figure_id order by value desc, figure_id asc) filter (where not is_left_out))[1] as most_figure_id,
        bool_or(corrected) filter (where not is_left_out) as corrected,
        {{ weakest_origin('origin') }} as origin,
        array_agg(figure_id order by figure_id) filter (where is_left_out) as left_out_figure_ids
    from beside
    group by period_code

),

final as (

    select
        exports.period_code,
        exports.period_kind,
        exports.period_start,
        exports.period_end,

        exports.exports_usd_thousand,
        ranges.least as registrants_least,
        ranges.most as registrants_most,
        {{ for_each('exports.exports_usd_thousand', 'ranges.most') }} as exports_per_registrant_least_usd_thousand,
        {{ for_each('exports.exports_usd_thousand', 'ranges.least') }} as exports_per_registrant_most_usd_thousand,

        exports.flag,
        exports.basis,
        {{ weakest_origin_of(['exports.origin', 'ranges.origin']) }} as origin,
        exports.corrected or ranges.corrected as corrected,
        exports.dataset,
        exports.edition,
        exports.published_on,

        exports.exports_figure_ids,
        exports.exports_less_figure_ids,
        array[ranges.least_figure_id] as registrants_least_figure_ids,
        array[ranges.most_figure_id] as registrants_most_figure_ids,
        ranges.left_out_figure_ids

    from exports
    inner join ranges on exports.period_code = ranges.period_code
    where ranges.least is not null

)

select * from final
