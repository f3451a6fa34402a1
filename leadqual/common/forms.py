from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Every form looks alike: label above, help below, the error at its field. `{{ form }}` is enough."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
