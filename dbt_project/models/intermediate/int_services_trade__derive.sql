with

prints as (

    select * from {{ ref('int_services_trade__rank') }}

),

cumulatives as (

    select * from prints
    where period_kind in ('fiscal_year_to_date', 'fiscal_year') and extract(month from period_start) = 7

),

months as (

    select * from prints
    where period_kind = 'month'

),

-- from the end of a cumulative period back, as far as the same release displays month after month
peeled as (

    select
        whole.dataset,
        whole.ebops_code,
        whole.measure,
        whole.period_start,
        months.period_start as period_end,
        'derived' as basis,

        whole.value_usd_thousand as whole_usd_thousand,
        sum(months.value_usd_thousand) over of_whole as less_usd_thousand,
        count(months.value_usd_thousand) over of_whole = count(*) over of_whole as has_values,
        count(*) over of_whole as months_taken,
        cast(
            12 * extract(year from age(whole.period_end, months.period_start))
            + extract(month from age(whole.period_end, months.period_start)) as integer
        ) as months_back,

        array[whole.figure_id] as whole_figure_ids,
        array_agg(months.figure_id) over of_whole as less_figure_ids,
        bool_or(coalesce(months.flag = 'P', false)) over of_whole
        or coalesce(whole.flag = 'P', false) as has_provisional,
        bool_or(coalesce(months.flag = 'R', false)) over of_whole or coalesce(whole.flag = 'R', false) as has_revised,
        whole.origin,
        bool_or(months.corrected) over of_whole or whole.corrected as corrected,

        whole.edition,
        whole.release_id,
        whole.published_on,
        whole.published_seq

    from cumulatives as whole
    inner join months
        on
            whole.release_id = months.release_id
            and whole.ebops_code = months.ebops_code
            and whole.measure = months.measure
            and whole.period_start < months.period_start
            and whole.period_end >= months.period_end
    window of_whole as (partition by whole.figure_id order by months.period_start desc)

),

-- a month between two cumulative periods, each at its newest print; of one release the months are displayed anyway
between_two as (

    select
        longer.dataset,
        longer.ebops_code,
        longer.measure,
        shorter.period_end as period_start,
        longer.period_end,
        'implied' as basis,

        longer.value_usd_thousand as whole_usd_thousand,
        shorter.value_usd_thousand as less_usd_thousand,
        shorter.value_usd_thousand is not null as has_values,

        array[longer.figure_id] as whole_figure_ids,
        array[shorter.figure_id] as less_figure_ids,
        coalesce(longer.flag = 'P', false) or coalesce(shorter.flag = 'P', false) as has_provisional,
        coalesce(longer.flag = 'R', false) or coalesce(shorter.flag = 'R', false) as has_revised,
        {{ weakest_origin_of(['longer.origin', 'shorter.origin']) }} as origin,
        longer.corrected or shorter.corrected as corrected,

        longer.edition,
        longer.release_id,
        longer.published_on,
        longer.published_seq

    from cumulatives as longer
    inner join cumulatives as shorter
        on
            longer.ebops_code = shorter.ebops_code
            and longer.measure = shorter.measure
            and longer.period_start = shorter.period_start
            and longer.period_end = cast(shorter.period_end + interval '1 month' as date)
            and longer.recency = 1
            and shorter.recency = 1
            and (longer.published_on, longer.published_seq) > (shorter.published_on, shorter.published_seq)

),

candidates as (

    select
        dataset,
        ebops_code,
        measure,
        period_start,
        period_end,
        basis,
        whole_usd_thousand,
        less_usd_thousand,
        has_values,
        whole_figure_ids,
        less_figure_ids,
        has_provisional,
        has_revised,
        origin,
        corrected,
        edition,
        release_id,
        published_on,
        published_seq
    from peeled
    where months_taken = months_back

    union all

    select
        dataset,
        ebops_code,
        measure,
        period_start,
        period_end,
        basis,
        whole_usd_thousand,
        less_usd_thousand,
        has_values,
        whole_figure_ids,
        less_figure_ids,
        has_provisional,
        has_revised,
        origin,
        corrected,
        edition,
        release_id,
        published_on,
        published_seq
    from between_two

),

-- what is printed is never derived; within one release goes before across two, then the newest
best as (

    select distinct on (ebops_code, measure, period_start, period_end) *
    from candidates
    where
        not exists (
            select 1
            from prints
            where
                candidates.ebops_code = prints.ebops_code
                and candidates.measure = prints.measure
                and candidates.period_start = prints.period_start
                and candidates.period_end = prints.period_end
        )
    order by
        ebops_code asc,
        measure asc,
        period_start asc,
        period_end asc,
        basis asc,
        published_on desc,
        published_seq desc

),

final as (

    select
        ebops_code,
        measure,
        case
            when period_end = cast(period_start + interval '1 month' as date) then to_char(period_start, 'YYYY-MM')
            else 'FY' || to_char(period_start + interval '6 months', 'YY') || '.Jul-' || to_char(period_end - 1, 'Mon')
        end as period_code,
        case
            when period_end = cast(period_start + interval '1 month' as date) then 'month'
            else 'fiscal_year_to_date'
        end as period_kind,
        period_start,
        period_end,

        case when has_values then cast(whole_usd_thousand - less_usd_thousand as numeric(20, 6)) end
            as value_usd_thousand,
        whole_usd_thousand,
        case when has_values then cast(less_usd_thousand as numeric(20, 6)) end as less_usd_thousand,

        case when has_provisional then 'P' when has_revised then 'R' end as flag,
        origin,
        basis,
        corrected,

        dataset,
        edition,
        release_id,
        published_on,

        whole_figure_ids,
        {{ sorted_ids('less_figure_ids') }} as less_figure_ids

    from best

)

select * from final
