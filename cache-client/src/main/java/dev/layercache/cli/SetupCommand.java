package dev.layercache.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "setup",
    description = {
      "Print how docker, containerd, podman or BuildKit use this cache.",
      "What is printed for podman is for buildah and skopeo too. Nothing is changed on this machine."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  layercache setup docker",
      "  layercache setup containerd --http cache.example:5000"
    })
final class SetupCommand implements CliCommand {
  private static final Pattern ADDRESS =
      Pattern.compile("(?:[A-Za-z0-9._-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}\\]):[0-9]{1,5}");

  @ParentCommand private Main main;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "CLIENT", description = "One of: docker, containerd, podman, buildkit.")
  private RegistryClient client;

  @Option(
      names = "--http",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:5000",
      description = "The server's HTTP address as the client sees it. Default: ${DEFAULT-VALUE}.")
  private String http;

  @Override
  public Integer call() {
    if (!ADDRESS.matcher(http).matches()) {
      throw new ParameterException(
          spec.commandLine(), "HTTP address: '%s' (expected: HOST:PORT)".formatted(http));
    }
    List<RegistryClient.Step> steps = client.steps(http);
    if (main.json()) {
      main.printJson(
          Json.object(
              "client",
              client.toString(),
              "steps",
              steps.stream()
                  .map(
                      step ->
                          Json.object(
                              "do", step.what(),
                              "file", step.file().orElse(""),
                              "content", step.content()))
                  .toList()));
    } else {
      print(steps, main.streams().out());
    }
    return 0;
  }

  private static void print(List<RegistryClient.Step> steps, PrintWriter out) {
    for (int i = 0; i < steps.size(); i++) {
      RegistryClient.Step step = steps.get(i);
      out.println(
          "%s# %d. %s%s"
              .formatted(
                  i == 0 ? "" : System.lineSeparator(),
                  i + 1,
                  step.what(),
                  step.file().map(file -> ": " + file).orElse("")));
      out.println(step.content().stripTrailing());
    }
  }
}
