package dev.layercache.load.report;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/** A run for programs: every value of every run. Metrics are named as in {@code Metric}. */
public final class JsonReport {
  private JsonReport() {}

  public static void write(RunReport run, Path file) throws IOException {
    Files.write(file, bytes(run));
  }

  static byte[] bytes(RunReport run) throws IOException {
    var dates = new SimpleModule().addSerializer(Instant.class, ToStringSerializer.instance);
    return JsonMapper.builder()
        .addModule(dates)
        .enable(SerializationFeature.INDENT_OUTPUT)
        .build()
        .writeValueAsBytes(run);
  }
}
