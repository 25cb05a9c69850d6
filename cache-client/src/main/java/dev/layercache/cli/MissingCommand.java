package dev.layercache.cli;

import dev.layercache.client.LayercacheClient;
import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "missing",
    description = {
      "Print those blobs on standard input that the server lacks.",
      "One blob a line, sha256:HEX/SIZE, the size in bytes; empty lines are passed over.",
      "The server keeps those that it has for a while longer."
    },
    footerHeading = "%nExamples:%n",
    footer = "  echo sha256:$(sha256sum < f | cut -d' ' -f1)/$(stat -c %%s f) | layercache missing")
final class MissingCommand implements CliCommand {
  /** Blobs asked for at once. */
  private static final int BATCH = 10_000;

  /** Most blobs in one JSON answer; without JSON there is no limit. */
  private static final int MAX_JSON = 1_000_000;

  private static final int MAX_LINE = 256;

  @ParentCommand private Main main;
  @Spec private CommandSpec spec;
  @Mixin private ServerOption server;

  @Override
  public Integer call() throws IOException {
    var reader =
        new BufferedReader(new InputStreamReader(main.streams().in(), StandardCharsets.UTF_8));
    long asked = 0;
    var found = new ArrayList<String>();
    try (var client = server.connect()) {
      for (var batch = read(reader, asked); !batch.isEmpty(); batch = read(reader, asked)) {
        asked += batch.size();
        for (String missing : missing(client, batch)) {
          report(missing, found);
        }
      }
    }
    if (main.json()) {
      main.printJson(Json.object("asked", asked, "missing", found));
    }
    return 0;
  }

  private void report(String missing, List<String> found) throws IOException {
    if (!main.json()) {
      main.streams().out().println(missing);
      return;
    }
    if (found.size() == MAX_JSON) {
      throw new IOException(
          "more than %d blobs are missing (expected: fewer, or a call without --json)"
              .formatted(MAX_JSON));
    }
    found.add(missing);
  }

  private static List<String> missing(LayercacheClient client, List<Descriptor> batch)
      throws IOException {
    return client.findMissing(batch).stream()
        .map(blob -> blob.digest().toString() + '/' + blob.size())
        .toList();
  }

  private List<Descriptor> read(BufferedReader reader, long before) throws IOException {
    var batch = new ArrayList<Descriptor>();
    while (batch.size() < BATCH) {
      String line = readLine(reader);
      if (line.isEmpty()) {
        break;
      }
      if (!line.isBlank()) {
        batch.add(parse(line.strip(), before + batch.size() + 1));
      }
    }
    return batch;
  }

  /** A line with its end, so that only the end of input is empty; cut where it is too long. */
  private static String readLine(BufferedReader reader) throws IOException {
    var line = new StringBuilder();
    for (int c = reader.read(); c >= 0; c = reader.read()) {
      line.append((char) c);
      if (c == '\n' || line.length() > MAX_LINE) {
        break;
      }
    }
    return line.toString();
  }

  private Descriptor parse(String line, long number) {
    int slash = line.indexOf('/');
    try {
      if (slash > 0) {
        long size = Long.parseLong(line.substring(slash + 1));
        return new Descriptor("", Digest.parse(line.substring(0, slash)), size);
      }
    } catch (IllegalArgumentException e) {
      throw wrong(line, number, e);
    }
    throw wrong(line, number, new IllegalArgumentException("no slash"));
  }

  private ParameterException wrong(String line, long number, IllegalArgumentException why) {
    return new ParameterException(
        spec.commandLine(),
        "blob %d on standard input: '%s' (expected: sha256:HEX/SIZE)".formatted(number, line),
        why);
  }
}
