{#-
    Query: the one value to believe of each sector and period, at one as-of. Relations:

    official   exports by sector from the official releases, as int_sector_exports__official
    standing   prints of others that stand, as int_reported_exports__stand

    and what these and official prints give together by difference (derived_periods). The first that differs decides:

    1   a value before none
    2   origin: official and transcribed before press; synthetic is never a candidate
    3   what has a date before what has none
    4   basis: printed, derived, implied
    5   the finer resolution
    6   the earliest print, or the one that declares to take its place

    `resolution_usd_thousand` is the width of the interval that the value stands for, NULL for a value in full.
-#}
{% macro chosen_exports(official, standing) -%}
with

said as (

    select
        sector_code,
        period_code,
        period_kind,
        period_start,
        period_end,
        exports_usd_thousand,
        cast(null as numeric) as resolution_usd_thousand,
        false as disputed,
        figure_ids,
        less_figure_ids,
        flag,
        origin,
        basis,
        corrected,
        dataset,
        edition,
        release_id,
        published_on,
        published_seq,
        published_on as printed_on,
        published_on as place_on
    from {{ official }}
    where origin != 'synthetic'

    union all

    select
        sector_code,
        period_code,
        period_kind,
        period_start,
        period_end,
        value_usd_thousand as exports_usd_thousand,
        resolution_usd_thousand,
        disputed,
        value_figure_ids as figure_ids,
        cast(null as bigint []) as less_figure_ids,
        cast(null as text) as flag,
        origin,
        basis,
        corrected,
        dataset,
        edition,
        release_id,
        published_on,
        published_seq,
        printed_on,
        place_on
    from {{ standing }}

),

-- a sum of several lines is nobody's print
prints as (

    select
        *,
        figure_ids[1] as figure_id,
        sector_code as ebops_code,
        'credit' as measure,
        exports_usd_thousand as value_usd_thousand,
        row_number() over (partition by sector_code, period_code order by {{ best_first() }}) as recency
    from said
    where basis = 'printed' and exports_usd_thousand is not null and printed_on is not null

),

parts as (

    {{ derived_periods('prints') }}

),

measured as (

    select
        parts.*,
        prints.resolution_usd_thousand,
        prints.disputed,
        prints.printed_on
    from parts
    inner join prints on parts.figure_id = prints.figure_id

),

differences as (

    select
        ebops_code as sector_code,
        period_code,
        period_kind,
        period_start,
        period_end,
        {{ remainder('value_usd_thousand') }} as exports_usd_thousand,
        sum(resolution_usd_thousand) as resolution_usd_thousand,
        bool_or(disputed) as disputed,
        {{ added_ids('figure_id') }} as figure_ids,
        {{ less_ids('figure_id') }} as less_figure_ids,
        {{ weakest_flag('flag') }} as flag,
        {{ weakest_origin('origin') }} as origin,
        basis,
        bool_or(corrected) as corrected,
        {{ of_newest('dataset') }} as dataset,
        {{ of_newest('edition') }} as edition,
        {{ of_newest('release_id') }} as release_id,
        {{ of_newest('published_on') }} as published_on,
        {{ of_newest('published_seq') }} as published_seq,
        max(printed_on) as printed_on,
        max(printed_on) as place_on
    from measured
    group by
        ebops_code,
        period_code,
        period_kind,
        period_start,
        period_end,
        basis
    -- the official releases alone are subtracted line by line
    having {{ weakest_origin('origin') }} = 'press'

),

candidates as (

    select * from said

    union all

    select * from differences

)

select distinct on (sector_code, period_code)
    sector_code,
    period_code,
    period_kind,
    period_start,
    period_end,
    exports_usd_thousand,
    resolution_usd_thousand,
    disputed,
    figure_ids,
    less_figure_ids,
    flag,
    origin,
    basis,
    corrected,
    dataset,
    edition,
    release_id,
    published_on,
    published_seq
from candidates
order by
    sector_code asc,
    period_code asc,
    {{ best_first() }}
{%- endmacro %}

{% macro best_first() -%}
    exports_usd_thousand is null asc,
    origin = 'press' asc,
    printed_on is null asc,
    array_position(array['printed', 'derived', 'implied'], basis) asc,
    coalesce(resolution_usd_thousand, 0) asc,
    place_on asc,
    printed_on asc,
    figure_ids asc
{%- endmacro %}
