{#-
    Query: exports (credit) of each sector in each period as the official releases say, or as follows from them.
    Relations:

    latest    the newest print of each figure, as int_services_trade__latest
    derived   periods nobody printed, as int_services_trade__derive
    lines     sector_code, ebops_code: the lines a sector is the sum of

    A sector of several lines is left out of a period in which a line is missing, and is derived only when all are.
-#}
{% macro official_exports(latest, derived, lines) -%}
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
        release_id,
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
        release_id,
        published_on,
        published_seq
    from {{ derived }}

),

sectors as (

    select
        sector_code,
        count(*) as lines_of_sector
    from {{ lines }}
    group by sector_code

)

select
    sectors.sector_code,
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
    {{ of_newest('figures.release_id') }} as release_id,
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
    sectors.lines_of_sector,
    figures.period_code,
    figures.period_kind,
    figures.period_start,
    figures.period_end

having
    -- a sum with a line missing would be another sum
    count(distinct figures.ebops_code) = sectors.lines_of_sector
    and count(distinct figures.basis = 'printed') = 1
{%- endmacro %}

