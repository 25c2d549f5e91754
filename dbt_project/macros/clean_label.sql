{#- A line's label for people: runs of whitespace and no-break spaces collapsed, the line's own code dropped. -#}
{% macro clean_label(label, code) -%}
    regexp_replace(
        trim(regexp_replace({{ label }}, '[\s\u00a0]+', ' ', 'g')),
        '^' || replace({{ code }}, '.', '\.') || '\.? ',
        ''
    )
{%- endmacro %}
