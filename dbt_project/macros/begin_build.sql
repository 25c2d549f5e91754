{#-
    Before the first model: the build's row in ops.build, with the newest ledger event it may see. Every model reads
    the ledger up to there, so one build sees one ledger; what came to a register after its rows were resolved waits for
    the next build. Marts are incomplete until dim_build, the last of them.
    What was known as of a day is never written over the marts themselves.
-#}
{% macro begin_build() -%}
    {%- if execute and flags.WHICH in ('build', 'run') -%}
        {%- set is_as_of = var('as_of_published') is not none or var('as_of_recorded') is not none -%}
        {%- if is_as_of and var('as_of_schema') is none -%}
            {%- do exceptions.raise_compiler_error('as of a day needs a schema of its own: var as_of_schema') -%}
        {%- endif -%}
        insert into {{ source('ops', 'build') }} (started_at, ledger_seq, invocation_id)
        select clock_timestamp(), coalesce(max(seq), 0), '{{ invocation_id }}'
        from {{ source('archive', 'ledger') }}
        where seq < coalesce(
            (
                select min(later.seq)
                from {{ source('archive', 'ledger') }} as later
                inner join {{ source('ops', 'resolution') }} as resolved on later.seq > resolved.ledger_seq
                where exists (
                    select 1 from {{ source('staging', 'entry') }} as entry
                    where later.release_id = entry.release_id
                )
            ),
            9223372036854775807
        );
        {%- set dim_build = adapter.get_relation(target.database, var('as_of_schema') or 'marts', 'dim_build') -%}
        {%- if dim_build is not none %}
        update {{ dim_build }} set complete = false where complete;
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
