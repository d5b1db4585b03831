//! A labelled text field with the error beside it.

use leptos::prelude::*;

#[component]
pub fn Field(
    /// For the label's link to the field.
    id: &'static str,
    label: &'static str,
    /// For tests.
    testid: &'static str,
    #[prop(optional)] placeholder: &'static str,
    /// What browsers may fill in.
    #[prop(default = "off")]
    autocomplete: &'static str,
    value: RwSignal<String>,
    /// What is wrong with it, if anything is to be said yet.
    #[prop(into)]
    error: Signal<Option<String>>,
    /// Beside the field, a button perhaps.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let error_id = format!("{id}-error");
    view! {
        <div class="field" class:invalid=move || error.with(Option::is_some)>
            <label for=id>{label}</label>
            <div class="box">
                <input
                    id=id
                    type="text"
                    data-testid=testid
                    placeholder=placeholder
                    autocomplete=autocomplete
                    autocapitalize="off"
                    spellcheck="false"
                    aria-invalid=move || error.with(Option::is_some).to_string()
                    aria-describedby=error_id.clone()
                    prop:value=value
                    on:input:target=move |event| value.set(event.target().value())
                />
                {children.map(|children| children())}
            </div>
            <p class="error" id=error_id role="alert" data-testid=format!("{testid}-error")>{error}</p>
        </div>
    }
}
