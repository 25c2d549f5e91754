{#-
    The one way a model reads the ledger: up to the newest event the build may see, and as the warehouse knew it at
    var('as_of_recorded').
-#}
{% macro seen_ledger() -%}
    (
        select *
        from {{ source('archive', 'ledger') }}
        where
            seq <= (
                select ledger_seq
                from {{ source('ops', 'build') }}
                order by build_id desc
                limit 1
            )
            {%- if var('as_of_recorded') is not none %}
            and at <= timestamptz '{{ var("as_of_recorded") }}'
            {%- endif %}
    )
{%- endmacro %}
