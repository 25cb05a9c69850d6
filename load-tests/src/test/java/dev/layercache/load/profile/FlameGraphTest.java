package dev.layercache.load.profile;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlameGraphTest {
  @TempDir private Path directory;

  @Test
  void aFrameIsAsWideAsItsShare() throws Exception {
    var tree = new StackTree("all");
    tree.add(List.of("thread", "a.B.outer", "a.B.inner"));
    tree.add(List.of("thread", "a.B.outer"));
    tree.add(List.of("thread", "a.B.<other>"));
    tree.add(List.of("thread", "a.B.<other>"));
    var page = directory.resolve("page.html");
    new FlameGraph(tree).write(page, "title", "note");
    assertThat(Files.readString(page))
        .contains("left:0.000%;width:100.000%;bottom:0px' title='all: 4 samples")
        .contains("left:0.000%;width:50.000%;bottom:34px' title='a.B.&lt;other>: 2 samples")
        .contains("left:50.000%;width:50.000%;bottom:34px' title='a.B.outer: 2 samples")
        .contains("left:50.000%;width:25.000%;bottom:51px' title='a.B.inner: 1 samples");
  }

  @Test
  void aRecordingBecomesAPage() throws Exception {
    var file = directory.resolve("server.jfr");
    try (var recording = new Recording()) {
      recording.enable("jdk.ExecutionSample");
      recording.start();
      recording.dump(file);
    }
    Profile.main(new String[] {file.toString()});
    assertThat(directory.resolve("server.html")).content().contains("samples of");
  }
}
