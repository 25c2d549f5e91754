{#-
    The incremental strategy `difference`: the model gives the whole new set; rows of the target that are not in it
    are deleted, missing ones inserted, in the transaction dbt commits at the model's end. No DDL on the target, so
    readers are never blocked, and the table, its grants and the views on it survive. Rows are compared whole (NULLs
    equal, arrays by content); EXCEPT ALL, so that a row the model gives twice meets the primary key and fails.

    A model that recomputes only some keys names the model of those keys in the config `difference_within` and has the
    pre_hook `note_within()`: rows of other keys are then neither compared nor deleted. `is_within(columns)` is the
    same condition for the model's own SQL, its columns in the order of that model. Its post_hook `note_watermark()`
    says which ledger event it has come to.

    Logs one line, `sanad.difference {"model": .., "inserted": .., "deleted": ..}`, which the runner reads.
-#}
{% macro get_incremental_difference_sql(arg_dict) -%}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set fresh = arg_dict['temp_relation'] -%}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    {%- set key = primary_key_columns() -%}
    {%- set within = rows_within() -%}
    {%- set deleted -%}
        with
        gone as (
            select {{ columns }} from {{ target }}
            {{ within }}
            except all
            select {{ columns }} from {{ fresh }}
        ),

        deleted as (
            delete from {{ target }} as target
            using gone
            where
                {%- for column in key %}
                {{ "and " if not loop.first }}target.{{ adapter.quote(column) }} = gone.{{ adapter.quote(column) }}
                {%- endfor %}
            returning 1
        )

        select count(*) from deleted
    {%- endset -%}
    {%- set inserted -%}
        with
        inserted as (
            insert into {{ target }} ({{ columns }})
            select {{ columns }} from {{ fresh }}
            except all
            select {{ columns }} from {{ target }}
            {{ within }}
            returning 1
        )

        select count(*) from inserted
    {%- endset -%}
    {%- set change = {
        'model': model.name,
        'deleted': run_query(deleted).columns[0].values()[0] | int,
        'inserted': run_query(inserted).columns[0].values()[0] | int,
    } -%}
    {%- do log('sanad.difference ' ~ tojson(change, sort_keys=true), info=true) -%}
    select {{ change.inserted }} as inserted, {{ change.deleted }} as deleted
{%- endmacro %}

{#- Whether this run recomputes only the keys of `difference_within`: not in a full refresh, nor as of a day. -#}
{% macro differs_within() -%}
    {{ return(
        is_incremental() and not flags.FULL_REFRESH
        and var('as_of_published') is none and var('as_of_recorded') is none
    ) }}
{%- endmacro %}

{#-
    A full refresh computes every row of a mart again and applies the difference like any build: the table stays, and
    so do the views on it and whoever reads it. It is made anew only where columns cannot be added to reach the
    contract: another key, another type, a column too many. A seed is filled again, and made anew only with other columns.
    dbt asks this of every incremental model and of every seed.
-#}
{% macro should_full_refresh() -%}
    {%- set standing = load_cached_relation(this) if execute and flags.FULL_REFRESH -%}
    {%- if not standing -%}
        {{ return(flags.FULL_REFRESH) }}
    {%- elif model.resource_type == 'seed' -%}
        {{ return(not has_the_seeds_columns(standing)) }}
    {%- elif config.get('incremental_strategy') == 'difference' -%}
        {{ return(not fits_the_contract(standing)) }}
    {%- endif -%}
    {{ return(true) }}
{%- endmacro %}

{#- Whether a seed's table has the columns of its file, those with a declared type in that type. -#}
{% macro has_the_seeds_columns(relation) -%}
    {%- set types = {} -%}
    {%- for column in adapter.get_columns_in_relation(relation) -%}
        {%- do types.update({column.name: column.data_type}) -%}
    {%- endfor -%}
    {%- set moved = [] -%}
    {%- for name, type in (config.get('column_types') or {}).items() if types.get(name) != type -%}
        {%- do moved.append(name) -%}
    {%- endfor -%}
    {{ return(types.keys() | list == load_agate_table().column_names | list and not moved) }}
{%- endmacro %}

{#- Whether a table has no column but those of the model's contract, in their types, and its key: PostgreSQL's judgement. -#}
{% macro fits_the_contract(relation) -%}
    {%- set declared = adapter.quote(relation.identifier ~ '__declared') -%}
    {%- set key = primary_key_columns() | map('lower') | list -%}
    {%- set columns -%}
        {%- for column in model.columns.values() %}
            {{ adapter.quote(column.name) }} {{ column.data_type }},
        {%- endfor %}
    {%- endset -%}
    {%- do run_query('create temporary table ' ~ declared ~ ' (' ~ columns ~ ' primary key (' ~ key | join(', ') ~ '))') -%}
    {%- set question -%}
        with
        columns as (
            select
                attrelid = '{{ relation }}'::regclass as stands,
                attname || ' ' || format_type(atttypid, atttypmod) as name_and_type
            from pg_catalog.pg_attribute
            where attrelid in ('{{ relation }}'::regclass, 'pg_temp.{{ declared }}'::regclass)
            and attnum > 0 and not attisdropped
        ),

        keys as (
            select
                conrelid = '{{ relation }}'::regclass as stands,
                array_agg(attname::text order by array_position(conkey, attnum)) as columns
            from pg_catalog.pg_constraint
            inner join pg_catalog.pg_attribute on attrelid = conrelid and attnum = any(conkey)
            where conrelid in ('{{ relation }}'::regclass, 'pg_temp.{{ declared }}'::regclass) and contype = 'p'
            group by conrelid
        )

        select
            not exists (
                select name_and_type from columns where stands
                except
                select name_and_type from columns where not stands
            )
            and (select columns from keys where stands) = (select columns from keys where not stands)
    {%- endset -%}
    {%- set fits = run_query(question).columns[0].values()[0] -%}
    {%- do run_query('drop table pg_temp.' ~ declared) -%}
    {{ return(fits) }}
{%- endmacro %}

{#- Writes the keys down, once for all that asks, so that the planner knows how few they are. -#}
{% macro note_within() -%}
    {%- if execute and differs_within() %}
        create temporary table {{ noted_within() }} on commit drop as
        select * from {{ ref(config.get('difference_within')) }};
        analyze {{ noted_within() }}
    {%- endif -%}
{%- endmacro %}

{#- In the transaction of the rows themselves, so that it is never ahead of them nor behind. -#}
{% macro note_watermark() -%}
    {%- if execute and var('as_of_schema') is none %}
        insert into {{ source('ops', 'watermark') }} (model, ledger_seq)
        select '{{ model.name }}', ledger_seq
        from {{ source('ops', 'build') }}
        order by build_id desc
        limit 1
        on conflict (model) do update set ledger_seq = excluded.ledger_seq
    {%- endif -%}
{%- endmacro %}

{#- Query: up to which ledger event all of these stores hold what there is; 0 while one of them holds nothing yet. -#}
{% macro held_by(watermarks, stores) -%}
    select case when count(*) = {{ stores | length }} then min(ledger_seq) else 0 end as ledger_seq
    from {{ watermarks }}
    where model in ('{{ stores | join("', '") }}')
{%- endmacro %}

{% macro noted_within() -%}
    pg_temp.{{ model.name }}__within
{%- endmacro %}

{% macro rows_within() -%}
    {%- if config.get('difference_within') is not none and differs_within() -%}
        {%- set touched = ref(config.get('difference_within')) -%}
        {%- set columns = adapter.get_columns_in_relation(touched) | map(attribute='quoted') | join(', ') -%}
        where ({{ columns }}) in (select {{ columns }} from {{ noted_within() }})
    {%- endif -%}
{%- endmacro %}

{% macro is_within(columns) -%}
    {%- if execute and differs_within() -%}
        ({{ columns | join(', ') }}) in (select * from {{ noted_within() }})
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#-
    The releases of int_releases__append, looked up while the model is compiled: named one by one, they are found by index.
    Empty when whole keys are recomputed.
-#}
{% macro appended_releases() -%}
    {%- if execute and differs_within() -%}
        {{ return(run_query('select release_id from ' ~ ref('int_releases__append')).columns[0].values()) }}
    {%- endif -%}
    {{ return([]) }}
{%- endmacro %}

{#- The primary key the model's contract declares. -#}
{% macro primary_key_columns() -%}
    {%- for constraint in model.constraints if constraint.type == 'primary_key' -%}
        {{ return(constraint.columns) }}
    {%- endfor -%}
    {%- do exceptions.raise_compiler_error(
        model.name ~ ': the strategy `difference` needs a primary key in the contract, of constraint type primary_key'
    ) -%}
{%- endmacro %}
