{#- 1 for the newest print of each figure, 2 for the one before. -#}
{% macro recency(series) -%}
    row_number() over (
        partition by {{ series }}, measure, period_code
        order by published_on desc, published_seq desc
    )
{%- endmacro %}

{#- Whole months from one first of a month to another. -#}
{% macro months_between(first, last) -%}
    cast(
        12 * extract(year from age({{ last }}, {{ first }})) + extract(month from age({{ last }}, {{ first }}))
        as integer
    )
{%- endmacro %}

{#-
    Query: the periods that no print of a relation `prints` (columns as in int_services_trade__rank) covers, as
    differences. One row for each figure of such a period, to be added or, `is_less`, taken away:

    derived   a cumulative period less the months at its end, as far as its own release displays month after month
    implied   a month between two cumulative periods of two releases, each side at its newest print; of one release
              the months are displayed anyway

    What is printed is never derived; derived goes before implied, then the newest release.
-#}
{% macro derived_periods(prints) -%}
with

cumulatives as (

    select * from {{ prints }}
    where period_kind in ('fiscal_year_to_date', 'fiscal_year')

),

months as (

    select * from {{ prints }}
    where period_kind = 'month'

),

-- from the end of a cumulative period back, as far as its release displays month after month
peeled as (

    select
        whole.ebops_code,
        whole.measure,
        whole.published_on,
        whole.published_seq,
        whole.figure_id as whole_figure_id,
        whole.period_start,
        months.period_start as period_end,
        array_agg(months.figure_id) over of_whole as less_figure_ids,
        count(*) over of_whole as months_taken,
        {{ months_between('months.period_start', 'whole.period_end') }} as months_back
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

-- the newest prints of a fiscal year's cumulative periods, each beside the next shorter one
lined_up as (

    select
        ebops_code,
        measure,
        published_on,
        published_seq,
        figure_id as whole_figure_id,
        period_end,
        lag(period_end) over of_year as less_period_end,
        lag(published_on) over of_year as less_published_on,
        lag(published_seq) over of_year as less_published_seq,
        lag(figure_id) over of_year as less_figure_id
    from cumulatives
    where recency = 1
    window of_year as (partition by ebops_code, measure, period_start order by period_end asc)

),

subtractions as (

    select
        ebops_code,
        measure,
        published_on,
        published_seq,
        whole_figure_id,
        'derived' as basis,
        period_start,
        period_end,
        less_figure_ids
    from peeled
    where months_taken = months_back

    union all

    select
        ebops_code,
        measure,
        published_on,
        published_seq,
        whole_figure_id,
        'implied' as basis,
        less_period_end as period_start,
        period_end,
        array[less_figure_id] as less_figure_ids
    from lined_up
    where
        {{ months_between('less_period_end', 'period_end') }} = 1
        and (published_on, published_seq) > (less_published_on, less_published_seq)

),

best as (

    select distinct on (ebops_code, measure, period_start, period_end) *
    from subtractions
    where
        not exists (
            select 1
            from {{ prints }} as printed
            where
                subtractions.ebops_code = printed.ebops_code
                and subtractions.measure = printed.measure
                and subtractions.period_start = printed.period_start
                and subtractions.period_end = printed.period_end
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

parts as (

    select
        whole_figure_id as figure_id,
        false as is_less,
        basis,
        period_start,
        period_end
    from best

    union all

    select
        unnest(less_figure_ids) as figure_id,
        true as is_less,
        basis,
        period_start,
        period_end
    from best

)

select
    parts.figure_id,
    parts.is_less,
    prints.release_id,

    prints.dataset,
    prints.edition,
    prints.origin,
    prints.published_on,
    prints.published_seq,

    prints.ebops_code,

    prints.measure,
    case
        when {{ months_between('parts.period_start', 'parts.period_end') }} = 1
            then to_char(parts.period_start, 'YYYY-MM')
        else
            'FY' || to_char(parts.period_start + interval '6 months', 'YY')
            || '.Jul-' || to_char(parts.period_end - 1, 'Mon')
    end as period_code,
    case
        when {{ months_between('parts.period_start', 'parts.period_end') }} = 1 then 'month'
        else 'fiscal_year_to_date'
    end as period_kind,
    parts.period_start,
    parts.period_end,

    prints.value_usd_thousand,
    prints.flag,
    prints.corrected,
    parts.basis

from parts
inner join {{ prints }} as prints on parts.figure_id = prints.figure_id
{%- endmacro %}
