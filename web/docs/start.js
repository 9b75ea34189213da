// Nothing here may reach another host: no validator badge, no remote presets.
const ui = SwaggerUIBundle({
    url: "/openapi.json",
    dom_id: "#swagger-ui",
    presets: [SwaggerUIBundle.presets.apis],
    deepLinking: true,
    displayRequestDuration: true,
    tryItOutEnabled: true,
    validatorUrl: null,
    onComplete: () => {
        document.title = ui.specSelectors.info().get("title") ?? document.title;
        document.documentElement.dataset.ready = "yes";
    },
});
