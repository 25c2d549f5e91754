{#- Whether a print says another thing than the one before it in the window: value, null reason, flag or corrected. -#}
{% macro is_another_state(window) -%}
    (
        {%- for column in ['value_usd_thousand', 'null_reason', 'flag', 'corrected'] %}
        {{ "or " if not loop.first }}{{ column }} is distinct from lag({{ column }}) over {{ window }}
        {%- endfor %}
    )
{%- endmacro %}
