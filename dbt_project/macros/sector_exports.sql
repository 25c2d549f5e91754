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

-- one span may be printed under two kinds (July, and July to July): the newest print, then the same kind
year_ago as (

    select distinct on (exports.sector_code, exports.period_code)
        exports.sector_code,
        exports.period_code,
        earlier.exports_usd_thousand,
        earlier.figure_ids,
        earlier.less_figure_ids,
        earlier.origin
    from exports
    inner join exports as earlier
        on
            exports.sector_code = earlier.sector_code
            and exports.period_start = cast(earlier.period_start + interval '1 year' as date)
            and exports.period_end = cast(earlier.period_end + interval '1 year' as date)
    order by
        exports.sector_code asc,
        exports.period_code asc,
        earlier.published_on desc,
        earlier.published_seq desc,
        (exports.period_kind = earlier.period_kind) desc,
        earlier.period_code asc

),

ict as (

    select
        period_code,
        exports_usd_thousand,
        figure_ids,
        less_figure_ids,
        origin
    from exports
    where sector_code = 'ict_total'

)

select
    exports.sector_code,
    exports.period_code,
    exports.period_kind,
    exports.period_start,
    exports.period_end,

    exports.exports_usd_thousand,
    year_ago.exports_usd_thousand as exports_year_ago_usd_thousand,
    {{ pct_change('exports.exports_usd_thousand', 'year_ago.exports_usd_thousand') }} as exports_yoy_pct,
    ict.exports_usd_thousand as ict_exports_usd_thousand,
    {{ pct_of('exports.exports_usd_thousand', 'ict.exports_usd_thousand') }} as share_of_ict_pct,

    exports.flag,
    {{ weakest_origin_of(['exports.origin', 'year_ago.origin', 'ict.origin']) }} as origin,
    exports.basis,

    exports.dataset,
    exports.edition,
    exports.published_on,

    exports.figure_ids as exports_figure_ids,
    exports.less_figure_ids as exports_less_figure_ids,
    year_ago.figure_ids as exports_year_ago_figure_ids,
    year_ago.less_figure_ids as exports_year_ago_less_figure_ids,
    ict.figure_ids as ict_exports_figure_ids,
    ict.less_figure_ids as ict_exports_less_figure_ids

from exports
left join year_ago
    on
        exports.sector_code = year_ago.sector_code
        and exports.period_code = year_ago.period_code
left join ict
    on
        exports.period_code = ict.period_code
        and exports.is_within_ict
{%- endmacro %}
