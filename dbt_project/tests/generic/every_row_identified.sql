{#- Whom a row names was resolved before the build: without that it would be in no mart, and nobody would know. -#}
{% test every_row_identified(model) %}

select entries.entry_id
from {{ model }} as entries
left join {{ source('resolved', 'identity') }} as identities on entries.entry_id = identities.entry_id
where identities.entry_id is null

{% endtest %}
