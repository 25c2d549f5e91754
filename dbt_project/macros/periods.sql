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
    where period_kind in ('fiscal_year_to_date', 'fiscal_year') and extract(month from period_start) = 7

),

months as (

    select * from {{ prints }}
    where period_kind = 'month'

),

taken as (

    select
        whole.figure_id as whole_figure_id,
        less.figure_id as less_figure_id,
        'derived' as basis,
        whole.period_start,
        cut.period_start as period_end,
        {{ months_between('less.period_start', 'less.period_end') }} as less_months
    from cumulatives as whole
    inner join months as cut
        on
            whole.release_id = cut.release_id
            and whole.ebops_code = cut.ebops_code
            and whole.measure = cut.measure
            and whole.period_start < cut.period_start
            and whole.period_end >= cut.period_end
    inner join months as less
        on
            whole.release_id = less.release_id
            and whole.ebops_code = less.ebops_code
            and whole.measure = less.measure
            and cut.period_start <= less.period_start
            and whole.period_end >= less.period_end

    union all

    select
        whole.figure_id as whole_figure_id,
        less.figure_id as less_figure_id,
        'implied' as basis,
        less.period_end as period_start,
        whole.period_end,
        {{ months_between('less.period_start', 'less.period_end') }} as less_months
    from cumulatives as whole
    inner join cumulatives as less
        on
            whole.ebops_code = less.ebops_code
            and whole.measure = less.measure
            and whole.period_start = less.period_start
            and whole.period_end = cast(less.period_end + interval '1 month' as date)
            and whole.recency = 1
            and less.recency = 1
            and (whole.published_on, whole.published_seq) > (less.published_on, less.published_seq)

),

subtractions as (

    select
        whole_figure_id,
        basis,
        period_start,
        period_end,
        array_agg(less_figure_id) as less_figure_ids,
        sum(less_months) as less_months
    from taken
    group by
        whole_figure_id,
        basis,
        period_start,
        period_end

),

best as (

    select distinct on (whole.ebops_code, whole.measure, subtractions.period_start, subtractions.period_end)
        subtractions.*
    from subtractions
    inner join {{ prints }} as whole on subtractions.whole_figure_id = whole.figure_id
    where
        -- what is taken away and what is left make up the whole: no month is missing
        subtractions.less_months + {{ months_between('subtractions.period_start', 'subtractions.period_end') }}
        = {{ months_between('whole.period_start', 'whole.period_end') }}
        and not exists (
            select 1
            from {{ prints }} as printed
            where
                whole.ebops_code = printed.ebops_code
                and whole.measure = printed.measure
                and subtractions.period_start = printed.period_start
                and subtractions.period_end = printed.period_end
        )
    order by
        whole.ebops_code asc,
        whole.measure asc,
        subtractions.period_start asc,
        subtractions.period_end asc,
        subtractions.basis asc,
        whole.published_on desc,
        whole.published_seq desc

),

parts as (

    select
        best.*,
        best.whole_figure_id as figure_id,
        false as is_less
    from best

    union all

    select
        best.*,
        less.figure_id,
        true as is_less
    from best
    cross join unnest(best.less_figure_ids) as less (figure_id)

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
    parts.basis

from parts
inner join {{ prints }} as prints on parts.figure_id = prints.figure_id
{%- endmacro %}
