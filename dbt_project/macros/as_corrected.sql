{#- Value, null reason and flag of a print: as corrected where a correction is in force, else as printed. -#}
{% macro as_corrected(printed, corrections) -%}
    {%- for column, corrected in [('value_usd_thousand', 'value'), ('null_reason', 'null_reason'), ('flag', 'flag')] -%}
        case when {{ corrections }}.corrected then {{ corrections }}.{{ corrected }} else {{ printed }}.{{ column }} end as {{ column }}
        {{- ",\n        " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
