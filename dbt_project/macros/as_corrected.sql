{#- Value, null reason and flag of a print: as corrected where a correction is in force, else as printed. -#}
{% macro as_corrected(printed, corrections) -%}
    {%- for column, corrected in [('value_usd_thousand', 'value'), ('null_reason', 'null_reason'), ('flag', 'flag')] -%}
        case when {{ corrections }}.corrected then {{ corrections }}.{{ corrected }} else {{ printed }}.{{ column }} end as {{ column }}
        {{- ",\n        " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- Whether a row of int_corrections__history is in force now. -#}
{% macro is_in_force() -%}
    corrected and upper_inf(during)
{%- endmacro %}

{#- The spans of recorded time in which a print counted: while its release was visible, cut where a correction came or went. -#}
{% macro known_during(releases, corrections) -%}
    case
        when {{ corrections }}.figure_id is null then {{ releases }}.visible_during
        else {{ releases }}.visible_during * {{ corrections }}.during
    end
{%- endmacro %}
