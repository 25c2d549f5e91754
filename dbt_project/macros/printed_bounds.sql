{#-
    What a printed number stands for, an interval with both ends: half a step of its rounding to either side;
    `over` and `nearly` a whole step to one side, `about` a whole step to both. 328 with the step 1 is 327.5 to 328.5,
    over 1,000 with the step 1,000 is 1,000 to 2,000. The one place where this is said; rounded to 6 decimals.
-#}
{% macro printed_low(value, resolution, qualifier) -%}
    cast(round(
        {{ value }} - {{ resolution }} * case {{ qualifier }} when 'over' then 0 when 'nearly' then 1 when 'about' then 1 else 0.5 end,
        6
    ) as numeric(20, 6))
{%- endmacro %}

{% macro printed_high(value, resolution, qualifier) -%}
    cast(round(
        {{ value }} + {{ resolution }} * case {{ qualifier }} when 'over' then 1 when 'nearly' then 0 when 'about' then 1 else 0.5 end,
        6
    ) as numeric(20, 6))
{%- endmacro %}

{#- How wide that interval is. -#}
{% macro printed_width(resolution, qualifier) -%}
    {{ resolution }} * case when {{ qualifier }} = 'about' then 2 else 1 end
{%- endmacro %}

{#- The step of a count's rounding: its last digit that is not 0. -#}
{% macro count_step(value) -%}
    case
        when {{ value }} != 0 and {{ value }} = trunc({{ value }})
            then power(cast(10 as numeric), length(trim_scale({{ value }})::text) - length(rtrim(trim_scale({{ value }})::text, '0')))
        else 1
    end
{%- endmacro %}

{#- By how much two intervals miss each other, 0 where they touch; a bound that is NULL is no bound. -#}
{% macro apart(low, high, other_low, other_high) -%}
    greatest({{ other_low }} - {{ high }}, {{ low }} - {{ other_high }}, 0)
{%- endmacro %}
