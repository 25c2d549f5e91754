{#- The events after which a release's figures are visible; the same list as sanad.words.vocabulary.VISIBLE. -#}
{% macro visible_events() -%}
    ('accepted', 'reinstated', 'corrected', 'identified')
{%- endmacro %}
