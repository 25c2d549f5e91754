{#-
    Functions that give a mart as of a day in the publisher's zone and an instant, both included; NULL is now:
    marts.<name>(published date, recorded timestamptz), with the columns of the mart's contract, and `more`. A mart writes
    its own in a post_hook, from the body, a query over marts alone, so that whoever may read marts may ask. One that
    keeps the published axis only has no second parameter.

    Plain SQL, so that PostgreSQL puts it into the query that calls it, and kept as text, so that the marts it reads
    may be made anew under it. Written only when it differs from the one that stands.
-#}
{% macro write_as_of_function(name, body, comment, is_recorded=true, more=[]) -%}
    {%- if execute and var('as_of_schema') is none -%}
        {%- set columns = [] -%}
        {%- for column in model.columns.values() -%}
            {%- do columns.append(column.name ~ ' ' ~ column.data_type.partition('(')[0]) -%}
        {%- endfor -%}
        {%- set result = 'TABLE(' ~ (columns + more) | join(', ') ~ ')' -%}
        {%- set function = this.schema ~ '.' ~ name ~ ('(date, timestamptz)' if is_recorded else '(date)') -%}
        {%- set question -%}
            select pg_get_function_result(oid), prosrc
            from pg_catalog.pg_proc
            where oid = to_regprocedure('{{ function }}')
        {%- endset -%}
        {%- set standing = run_query(question) -%}
        {%- if standing | length == 0 or standing[0][0] != result or standing[0][1] != body -%}
            {%- if standing | length and standing[0][0] != result %}
            drop function {{ function }};
            {%- endif %}
            create or replace function {{ this.schema }}.{{ name }}(
                published date default null{{ ", recorded timestamptz default null" if is_recorded }}
            )
            returns {{ result }} language sql stable parallel safe as $as_of${{ body }}$as_of$;
            comment on function {{ function }} is
                '{{ comment }} as of a day in the publisher''s zone
                {{- " and an instant, both included" if is_recorded else ", included" }}; NULL is now.';
            grant execute on function {{ function }} to bi_reader, auditor, loader;
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- Of a mart with both axes: the rows that stood. -#}
{% macro stood_on_recorded_axis() -%}
    recorded_at <= coalesce(recorded, 'infinity')
    and (superseded_at is null or superseded_at > coalesce(recorded, 'infinity'))
{%- endmacro %}

{% macro services_trade_as_of() -%}
select
    series_code, measure, period_code, period_kind, period_start, period_end, value_usd_thousand, null_reason, flag,
    origin, basis, corrected, dataset, edition, release_id, published_on, value_figure_ids
from {{ ref('fct_services_trade_vintage') }}
where
    published_on <= coalesce(published, 'infinity')
    and (superseded_on is null or superseded_on > coalesce(published, 'infinity'))
    and {{ stood_on_recorded_axis() }}
{%- endmacro %}

{#-
    The same text as the models from int_services_trade__derive to int_sector_exports__compute, over the prints that
    stood. Each sector is computed for itself, ICT beside it, so that who asks for one pays for one.
-#}
{% macro sector_exports_as_of() -%}
select {{ contract_columns() }}
from {{ ref('dim_sector') }} as wanted
cross join lateral (

    with

    sectors as (

        select
            sector_code,
            is_within_ict,
            ebops_codes
        from {{ ref('dim_sector') }}
        where sector_code in (wanted.sector_code, 'ict_total')

    ),

    lines as (

        select
            sector_code,
            unnest(ebops_codes) as ebops_code
        from sectors

    ),

    prints as (

        select
            value_figure_ids[1] as figure_id,
            release_id,
            dataset,
            edition,
            origin,
            published_on,
            published_seq,
            series_code as ebops_code,
            measure,
            period_code,
            period_kind,
            period_start,
            period_end,
            value_usd_thousand,
            flag,
            corrected,
            {{ recency('series_code') }} as recency
        from {{ ref('fct_services_trade_print') }}
        where
            series_code = any(array(select ebops_code from lines))
            and measure = 'credit'
            and {{ stood() }}

    ),

    latest as (

        select * from prints
        where recency = 1

    ),

    derived as (

        {{ derived_periods('prints') }}

    ),

    official as materialized (

        {{ official_exports('latest', 'derived', 'lines') }}

    ),

    reported as (

        select * from {{ ref('fct_reported_exports_print') }}
        where
            sector_code in (wanted.sector_code, 'ict_total')
            and {{ stood() }}

    ),

    standing as materialized (

        {{ reported_exports_that_stand('reported', 'official') }}

    ),

    chosen as materialized (

        {{ chosen_exports('official', 'standing') }}

    ),

    printed_rates as (

        select * from {{ ref('fct_exchange_rate_print') }}
        where
            currency_code = 'USD'
            and period_code = any(array(select chosen.period_code from chosen))
            and {{ stood() }}

    ),

    rates as (

        {{ newest_rates('printed_rates') }}

    ),

    converted as (

        {{ rupees('chosen', 'rates') }}

    ),

    releases as (

        select * from {{ ref('dim_release') }}

    ),

    exports as (

        {{ sector_exports('chosen', 'sectors', 'converted', 'releases') }}

    )

    select {{ contract_columns() | replace('sector_code, ', '') }}
    from exports
    where sector_code = wanted.sector_code

) as exports
{%- endmacro %}

{#- Of every print: those that stood. -#}
{% macro stood() -%}
    published_on <= coalesce(published, 'infinity')
    and {{ stood_on_recorded_axis() }}
{%- endmacro %}

{#- Lapsed is judged by the day; now is the day of the newest release, of which no clock is asked. -#}
{% macro registrations_as_of() -%}
select
    {{ contract_columns() }},
    lapses_on <= coalesce(published, (select max(published_on) from {{ this }})) as is_lapsed
from {{ this }}
where
    published_on <= coalesce(published, 'infinity')
    and (superseded_on is null or superseded_on > coalesce(published, 'infinity'))
{%- endmacro %}

{% macro call_centres_as_of() -%}
select {{ contract_columns() }}
from {{ this.schema }}.sector_exports_as_of(published, recorded)
where sector_code = 'call_centres'
{%- endmacro %}
