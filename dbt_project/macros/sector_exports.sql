{#-
    Query: exports (credit) of each sector in each period, a year ago, and as a share of ICT. Relations:

    latest    the newest print of each figure, as int_services_trade__latest
    derived   periods nobody printed, as int_services_trade__derive
    lines     sector_code, is_within_ict, ebops_code: the lines a sector is the sum of

    A sector of several lines is left out of a period in which a line is missing, and is derived only when all are.
-#}
{% macro sector_exports(latest, derived, lines) -%}
with

figures as (

    select
        ebops_code,
        measure,
        period_code,
        period_kind,
        period_start,
        period_end,
        figure_id,
        false as is_less,
        value_usd_thousand,
        flag,
        corrected,
        origin,
        'printed' as basis,
        dataset,
        edition,
        published_on,
        published_seq
    from {{ latest }}

    union all

    select
        ebops_code,
        measure,
        period_code,
        period_kind,
        period_start,
        period_end,
        figure_id,
        is_less,
        value_usd_thousand,
        flag,
        corrected,
        origin,
        basis,
        dataset,
        edition,
        published_on,
        published_seq
    from {{ derived }}

),

sectors as (

    select
        sector_code,
        is_within_ict,
        count(*) as lines_of_sector
    from {{ lines }}
    group by
        sector_code,
        is_within_ict

),

exports as (

    select
        sectors.sector_code,
        sectors.is_within_ict,
        figures.period_code,
        figures.period_kind,
        figures.period_start,
        figures.period_end,

        {{ remainder('figures.value_usd_thousand') }} as exports_usd_thousand,
        {{ added_ids('figures.figure_id') }} as figure_ids,
        {{ less_ids('figures.figure_id') }} as less_figure_ids,

        {{ weakest_flag('figures.flag') }} as flag,
        {{ weakest_origin('figures.origin') }} as origin,
        {{ weakest_basis('figures.basis', 'sectors.lines_of_sector') }} as basis,
        bool_or(figures.corrected) as corrected,

        {{ of_newest('figures.dataset') }} as dataset,
        {{ of_newest('figures.edition') }} as edition,
        {{ of_newest('figures.published_on') }} as published_on,
        {{ of_newest('figures.published_seq') }} as published_seq

    from sectors
    inner join {{ lines }} as lines on sectors.sector_code = lines.sector_code
    inner join figures
        on
            lines.ebops_code = figures.ebops_code
            and figures.measure = 'credit'

    group by
        sectors.sector_code,
        sectors.is_within_ict,
        sectors.lines_of_sector,
        figures.period_code,
        figures.period_kind,
        figures.period_start,
        figures.period_end

    having
        -- a sum with a line missing would be another sum
        count(distinct figures.ebops_code) = sectors.lines_of_sector
        and count(distinct figures.basis = 'printed') = 1

),

-- written down, so that the dates are reckoned once a row and not once a pair
a_year_later as materialized (

    select
        *,
        cast(period_start + interval '1 year' as date) as later_start,
        cast(period_end + interval '1 year' as date) as later_end
    from exports

),

-- one span may be printed under two kinds (July, and July to July): the newest print, then the same kind
grown as (

    select distinct on (exports.sector_code, exports.period_code)
        exports.*,
        year_ago.exports_usd_thousand as year_ago_usd_thousand,
        year_ago.figure_ids as year_ago_figure_ids,
        year_ago.less_figure_ids as year_ago_less_figure_ids,
        year_ago.origin as year_ago_origin,
        year_ago.corrected as year_ago_corrected
    from exports
    left join a_year_later as year_ago
        on
            exports.sector_code = year_ago.sector_code
            and exports.period_start = year_ago.later_start
            and exports.period_end = year_ago.later_end
    order by
        exports.sector_code asc,
        exports.period_code asc,
        year_ago.published_on desc,
        year_ago.published_seq desc,
        (exports.period_kind = year_ago.period_kind) desc,
        year_ago.period_code asc

),

ict as (

    select
        period_code,
        exports_usd_thousand,
        figure_ids,
        less_figure_ids,
        origin,
        corrected
    from exports
    where sector_code = 'ict_total'

)

select
    grown.sector_code,
    grown.period_code,
    grown.period_kind,
    grown.period_start,
    grown.period_end,

    grown.exports_usd_thousand,
    grown.year_ago_usd_thousand as exports_year_ago_usd_thousand,
    {{ pct_change('grown.exports_usd_thousand', 'grown.year_ago_usd_thousand') }} as exports_yoy_pct,
    ict.exports_usd_thousand as ict_exports_usd_thousand,
    {{ pct_of('grown.exports_usd_thousand', 'ict.exports_usd_thousand') }} as share_of_ict_pct,

    grown.flag,
    {{ weakest_origin_of(['grown.origin', 'grown.year_ago_origin', 'ict.origin']) }} as origin,
    grown.basis,
    grown.corrected or coalesce(grown.year_ago_corrected, false) or coalesce(ict.corrected, false) as corrected,

    grown.dataset,
    grown.edition,
    grown.published_on,

    grown.figure_ids as exports_figure_ids,
    grown.less_figure_ids as exports_less_figure_ids,
    grown.year_ago_figure_ids as exports_year_ago_figure_ids,
    grown.year_ago_less_figure_ids as exports_year_ago_less_figure_ids,
    ict.figure_ids as ict_exports_figure_ids,
    ict.less_figure_ids as ict_exports_less_figure_ids

from grown
left join ict
    on
        grown.period_code = ict.period_code
        and grown.is_within_ict
{%- endmacro %}
