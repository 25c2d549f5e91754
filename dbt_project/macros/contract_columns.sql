{#- The columns of the model's contract, for a mart that shows what an intermediate model computed and adds nothing. -#}
{% macro contract_columns() -%}
    {{ model.columns | join(', ') if execute else '*' }}
{%- endmacro %}
