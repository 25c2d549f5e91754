{#-
    Writes intermediate.weigh_claims(said jsonb), which weighs claims that nobody has recorded by the text of the models
    and beside all recorded ones: said is a list of objects with claim_id, series_code, measure, unit, value, resolution,
    qualifier, period_kind, span_start, span_end, base_start, base_end, known_on; the rows are those of int_claims__tell.
    Nothing is written. Kept as text, and written only when it differs from the one that stands.
-#}
{% macro write_weigh_function() -%}
    {%- if execute and var('as_of_schema') is none -%}
        {%- set body = weigh_function_body() -%}
        {%- set standing = run_query(
            "select prosrc from pg_catalog.pg_proc where oid = to_regprocedure('intermediate.weigh_claims(jsonb)')"
        ) -%}
        {%- if standing | length == 0 or standing[0][0] != body %}
            create or replace function intermediate.weigh_claims(said jsonb)
            returns setof jsonb language sql stable set enable_nestloop = off as $weigh${{ body }}$weigh$;
            comment on function intermediate.weigh_claims(jsonb) is
                'Weighs claims that nobody has recorded, by the rules of mart_claims_weighed.';
            revoke execute on function intermediate.weigh_claims(jsonb) from public;
            grant execute on function intermediate.weigh_claims(jsonb) to auditor;
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{% macro weigh_function_body() -%}
with

sentence as (

    select
        said_one.*,
        row_number() over () as place
    from jsonb_to_recordset(said) as said_one (
        claim_id text, series_code text, measure text, unit text, value numeric, resolution numeric, qualifier text,
        period_kind text, span_start date, span_end date, base_start date, base_end date, known_on date
    )

),

claims as materialized (

    select * from {{ ref('int_claims__interval') }}

    union all

    select
        -place as figure_id,
        cast(null as bigint) as release_id,
        true as is_weighed,
        claim_id,
        series_code,
        measure,
        unit,
        period_kind,
        span_start,
        span_end,
        base_start,
        base_end,
        value,
        {{ printed_low('value', 'resolution', 'qualifier') }} as value_low,
        {{ printed_high('value', 'resolution', 'qualifier') }} as value_high,
        'the sentence' as article_key,
        coalesce(known_on, date 'infinity') as known_on,
        cast(null as text) as restates,
        cast(null as text) as whole_code
    from sentence

),

prints as (

    select * from {{ ref('int_services_trade__rank') }}

),

summary as (

    select * from {{ ref('int_bop_summary__correct') }}

),

official as materialized (

    {{ claims_official('claims', 'prints', 'summary') }}

),

exchanged as materialized (

    {{ claims_exchanged('claims') }}

),

weighed as materialized (

    {{ claims_weighed('claims', 'official', 'exchanged') }}

),

told as (

    {{ claims_told('claims', 'official', 'exchanged', 'weighed') }}

)

select to_jsonb(told) || jsonb_build_object(
    'claim_id', claims.claim_id, 'value_low', claims.value_low, 'value_high', claims.value_high
)
from told
inner join claims on told.figure_id = claims.figure_id
where told.figure_id < 0
order by told.figure_id desc
{%- endmacro %}
