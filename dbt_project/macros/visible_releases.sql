{#-
    The one way a model reads releases: those whose last ledger event the build may see leaves them visible,
    and which were published by var('as_of_published'). The recorded axis is cut in int_releases__state.
-#}
{% macro visible_releases() -%}
    (
        select *
        from {{ ref('int_releases__state') }}
        where
            state in {{ visible_events() }}
            {%- if var('as_of_published') is not none %}
            and published_on <= date '{{ var("as_of_published") }}'
            {%- endif %}
    )
{%- endmacro %}
