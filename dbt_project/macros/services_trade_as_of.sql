{#-
    marts.services_trade_as_of(published, recorded): trade in services as of a day in the publisher's zone and an
    instant, both included; NULL is now. Plain SQL, so that PostgreSQL puts it into the query that calls it, and kept
    as text, so that the mart may be made anew under it. Written only when it differs from the one that stands.
-#}
{% macro services_trade_as_of() -%}
    {%- if execute and var('as_of_schema') is none -%}
        {%- set result -%}
            TABLE(ebops_code text, measure text, period_code text, period_kind text, period_start date, period_end date, value_usd_thousand numeric, null_reason text, flag text, origin text, basis text, corrected boolean, dataset text, edition text, release_id bigint, published_on date, value_figure_ids bigint[])
        {%- endset -%}
        {%- set body %}
select
    series_code, measure, period_code, period_kind, period_start, period_end, value_usd_thousand, null_reason, flag,
    origin, basis, corrected, dataset, edition, release_id, published_on, value_figure_ids
from {{ this }}
where
    published_on <= coalesce(published, 'infinity')
    and (superseded_on is null or superseded_on > coalesce(published, 'infinity'))
    and recorded_at <= coalesce(recorded, 'infinity')
    and (superseded_at is null or superseded_at > coalesce(recorded, 'infinity'))
        {% endset -%}
        {%- set question -%}
            select pg_get_function_result(oid), prosrc
            from pg_catalog.pg_proc
            where oid = to_regprocedure('{{ this.schema }}.services_trade_as_of(date, timestamptz)')
        {%- endset -%}
        {%- set standing = run_query(question) -%}
        {%- set name = this.schema ~ '.services_trade_as_of' -%}
        {%- if standing | length == 0 or standing[0][0] != result or standing[0][1] != body -%}
            {%- if standing | length and standing[0][0] != result %}
            drop function {{ name }}(date, timestamptz);
            {%- endif %}
            create or replace function {{ name }}(published date default null, recorded timestamptz default null)
            returns {{ result }} language sql stable parallel safe as $as_of${{ body }}$as_of$;
            comment on function {{ name }}(date, timestamptz) is
                'Trade in services as of a day in the publisher''s zone and an instant, both included; NULL is now. Cites the first release that printed what then stood.';
            grant execute on function {{ name }}(date, timestamptz) to bi_reader, auditor, loader;
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
