{#- Who says so, strongest first; the same list as sanad.words.vocabulary.Origin. -#}
{% macro origins() -%}
    array['official', 'transcribed', 'press', 'synthetic']
{%- endmacro %}

{#- Aggregate: the weakest origin among rows. -#}
{% macro weakest_origin(column) -%}
    ({{ origins() }})[max(array_position({{ origins() }}, {{ column }}))]
{%- endmacro %}

{#- Row by row: the weakest of several columns; NULLs, inputs that are not there, do not count. -#}
{% macro weakest_origin_of(columns) -%}
    ({{ origins() }})[greatest(
        {%- for column in columns -%}
            array_position({{ origins() }}, {{ column }}){{ ", " if not loop.last }}
        {%- endfor -%}
    )]
{%- endmacro %}

{#- Aggregate: provisional if any input is, else revised if any is, else none. -#}
{% macro weakest_flag(column) -%}
    case when bool_or({{ column }} = 'P') then 'P' when bool_or({{ column }} = 'R') then 'R' end
{%- endmacro %}

{#-
    Aggregate: how a sum of several lines is known, the weakest among its figures; a sum of ours is not printed.
-#}
{% macro weakest_basis(column, lines) -%}
    (array['printed', 'derived', 'implied'])[greatest(
        max(array_position(array['printed', 'derived', 'implied'], {{ column }})),
        case when {{ lines }} > 1 then 2 end
    )]
{%- endmacro %}
