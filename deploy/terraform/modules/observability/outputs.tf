output "alarm_names" {
  description = "Names of the alarms."
  value       = concat([for alarm in aws_cloudwatch_metric_alarm.logs : alarm.alarm_name], [aws_cloudwatch_metric_alarm.silence.alarm_name])
}
