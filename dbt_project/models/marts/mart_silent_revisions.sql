-- the planner takes each of these CTEs for a row or two: its loops over many editions would take hours
{{ config(pre_hook="set local enable_nestloop = off") }}

with

prints as (

    select * from {{ ref('int_services_trade__rank') }}

),

releases as (

    select * from {{ ref('int_releases__visible') }}

),

pairs as (

    select
        release_id,
        lag(release_id) over (partition by dataset order by published_on asc, published_seq asc) as before_release_id
    from releases

),

cumulatives as (

    select * from prints
    where period_kind in ('fiscal_year_to_date', 'fiscal_year')

),

months as (

    select * from prints
    where period_kind = 'month'

),

-- a cumulative period of the release before, and the longer one of the same fiscal year that took its place
grown as (

    select
        shorter.dataset,
        shorter.ebops_code,
        shorter.measure,
        shorter.period_code,
        shorter.period_kind,
        shorter.period_start,
        shorter.period_end,
        shorter.release_id as before_release_id,
        shorter.edition as edition_before,
        shorter.value_usd_thousand as before_usd_thousand,
        shorter.figure_id as before_figure_id,
        shorter.origin as origin_before,
        longer.release_id,
        longer.edition,
        longer.published_on,
        longer.published_seq,
        longer.period_end as longer_period_end,
        longer.value_usd_thousand as cumulative_after_usd_thousand,
        longer.figure_id as cumulative_after_figure_id,
        longer.origin,
        longer.corrected or shorter.corrected as corrected
    from pairs
    inner join cumulatives as longer on pairs.release_id = longer.release_id
    inner join cumulatives as shorter
        on
            pairs.before_release_id = shorter.release_id
            and longer.ebops_code = shorter.ebops_code
            and longer.measure = shorter.measure
            and longer.period_start = shorter.period_start
            and longer.period_end > shorter.period_end

),

-- the months by which it grew; without one of them nothing can be said
added as (

    select
        grown.release_id,
        grown.ebops_code,
        grown.measure,
        grown.period_code,
        {{ sum_if_all('months.value_usd_thousand') }} as months_after_usd_thousand,
        array_agg(months.figure_id order by months.figure_id) as months_after_figure_ids,
        bool_or(months.corrected) as corrected
    from grown
    inner join months
        on
            grown.release_id = months.release_id
            and grown.ebops_code = months.ebops_code
            and grown.measure = months.measure
            and grown.period_end <= months.period_start
            and grown.longer_period_end >= months.period_end
    group by
        grown.release_id,
        grown.ebops_code,
        grown.measure,
        grown.period_code,
        grown.period_end,
        grown.longer_period_end
    having
        count(*) = {{ months_between('grown.period_end', 'grown.longer_period_end') }}

),

displayed as (

    select
        grown.release_id,
        grown.ebops_code,
        grown.measure,
        grown.period_code,
        {{ sum_if_all('months_before.value_usd_thousand') }} as displayed_before_usd_thousand,
        array_agg(months_before.figure_id order by months_before.figure_id) as displayed_before_figure_ids,
        {{ sum_if_all('months.value_usd_thousand') }} as displayed_after_usd_thousand,
        array_agg(months.figure_id order by months.figure_id) as displayed_after_figure_ids,
        bool_or(months.corrected or months_before.corrected) as corrected
    from grown
    inner join months
        on
            grown.release_id = months.release_id
            and grown.ebops_code = months.ebops_code
            and grown.measure = months.measure
            and grown.period_start <= months.period_start
            and grown.period_end >= months.period_end
    inner join months as months_before
        on
            grown.before_release_id = months_before.release_id
            and grown.ebops_code = months_before.ebops_code
            and grown.measure = months_before.measure
            and months.period_code = months_before.period_code
    group by
        grown.release_id,
        grown.ebops_code,
        grown.measure,
        grown.period_code

),

summed as (

    select
        grown.*,
        added.months_after_usd_thousand,
        added.months_after_figure_ids,
        displayed.displayed_before_usd_thousand,
        displayed.displayed_before_figure_ids,
        displayed.displayed_after_usd_thousand,
        displayed.displayed_after_figure_ids,
        displayed.release_id is not null as displays_a_month,
        grown.corrected or added.corrected or coalesce(displayed.corrected, false) as any_corrected,
        grown.cumulative_after_usd_thousand - added.months_after_usd_thousand as after_usd_thousand
    from grown
    inner join added
        on
            grown.release_id = added.release_id
            and grown.ebops_code = added.ebops_code
            and grown.measure = added.measure
            and grown.period_code = added.period_code
    left join displayed
        on
            grown.release_id = displayed.release_id
            and grown.ebops_code = displayed.ebops_code
            and grown.measure = displayed.measure
            and grown.period_code = displayed.period_code

),

weighed as (

    select
        *,
        case
            when displays_a_month then cumulative_after_usd_thousand + displayed_before_usd_thousand
            else cumulative_after_usd_thousand
        end as undisplayed_plus_usd_thousand,
        case
            when displays_a_month
                then before_usd_thousand + months_after_usd_thousand + displayed_after_usd_thousand
            else before_usd_thousand + months_after_usd_thousand
        end as undisplayed_minus_usd_thousand
    from summed

),

final as (

    select
        dataset,
        ebops_code as series_code,
        measure,
        period_code,
        period_kind,
        period_start,
        period_end,

        published_on,
        published_seq,
        release_id,
        edition,
        edition_before,

        before_usd_thousand,
        cast(after_usd_thousand as numeric(20, 6)) as after_usd_thousand,
        cast(after_usd_thousand - before_usd_thousand as numeric(20, 6)) as change_usd_thousand,
        cast(displayed_after_usd_thousand - displayed_before_usd_thousand as numeric(20, 6))
            as displayed_change_usd_thousand,
        cast(undisplayed_plus_usd_thousand - undisplayed_minus_usd_thousand as numeric(20, 6))
            as undisplayed_change_usd_thousand,
        -- five or more figures, each rounded to 6 decimals: less than this is only their rounding
        abs(undisplayed_plus_usd_thousand - undisplayed_minus_usd_thousand) > 0.00001 as is_silent,

        cumulative_after_usd_thousand,
        months_after_usd_thousand,
        displayed_before_usd_thousand,
        displayed_after_usd_thousand,
        cast(undisplayed_plus_usd_thousand as numeric(20, 6)) as undisplayed_plus_usd_thousand,
        cast(undisplayed_minus_usd_thousand as numeric(20, 6)) as undisplayed_minus_usd_thousand,

        {{ weakest_origin_of(['origin', 'origin_before']) }} as origin,
        'implied' as basis,
        any_corrected as corrected,

        array[before_figure_id] as before_figure_ids,
        array[cumulative_after_figure_id] as cumulative_after_figure_ids,
        months_after_figure_ids,
        displayed_before_figure_ids,
        displayed_after_figure_ids,
        {{ sorted_ids('cumulative_after_figure_id || displayed_before_figure_ids') }} as undisplayed_plus_figure_ids,
        {{ sorted_ids('before_figure_id || months_after_figure_ids || displayed_after_figure_ids') }}
            as undisplayed_minus_figure_ids

    from weighed

)

select * from final
