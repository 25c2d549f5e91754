{#-
    Before the first model: the build's row in ops.build, with the newest ledger event it may see. Every model reads
    the ledger up to there, so one build sees one ledger. Marts are incomplete until dim_build, the last of them.
-#}
{% macro begin_build() -%}
    {%- if execute and flags.WHICH in ('build', 'run') -%}
        insert into {{ source('ops', 'build') }} (started_at, ledger_seq, invocation_id)
        select clock_timestamp(), coalesce(max(seq), 0), '{{ invocation_id }}'
        from {{ source('archive', 'ledger') }};
        {%- set dim_build = adapter.get_relation(target.database, 'marts', 'dim_build') -%}
        {%- if dim_build is not none %}
        update {{ dim_build }} set complete = false where complete;
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
