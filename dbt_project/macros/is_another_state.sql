{#- Whether a print says another thing than the one before it in the window: value, null reason or flag. -#}
{% macro is_another_state(window) -%}
    (
        {%- for column in ['value_usd_thousand', 'null_reason', 'flag'] %}
        {{ "or " if not loop.first }}{{ column }} is distinct from lag({{ column }}) over {{ window }}
        {%- endfor %}
    )
{%- endmacro %}
